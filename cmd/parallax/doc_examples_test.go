package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// examplePages are the pages whose examples TestTheExamplesOfThePagesRun runs. Each has one at least.
var examplePages = []string{
	"CONTRIBUTING.md", "SECURITY.md",
	"docs/ACLS.md", "docs/COMPARE.md", "docs/CONFIGURATION.md", "docs/DURABILITY.md", "docs/EQUIVALENCE.md", "docs/EXPLAIN.md", "docs/FAULTS.md", "docs/GLOSSARY.md", "docs/INSTALL.md", "docs/METRICS.md",
	"docs/OPERATING.md", "docs/RUNBOOK.md", "docs/SECURITY.md", "docs/SQL.md", "docs/TESTING.md", "docs/TROUBLESHOOTING.md",
	"examples/README.md",
}

// block is a fenced block of a page: its language, the file name that may follow it, and its lines.
type block struct{ language, file, text string }

func blocksOf(page string) []block {
	var blocks []block
	var text strings.Builder
	open := false
	for line := range strings.Lines(page) {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && !open:
			language, file, _ := strings.Cut(strings.TrimSpace(info), " ")
			blocks = append(blocks, block{language: language, file: file})
			open = true
		case fence:
			blocks[len(blocks)-1].text = text.String()
			text.Reset()
			open = false
		case open:
			text.WriteString(line)
		}
	}
	return blocks
}

// scriptOf returns a page's examples as a test script, and the number of its commands. A block whose first line
// is "```LANGUAGE FILE" is that file. In a block of the language console, "$ " begins a command, and the lines
// after it are all that the command writes to standard output.
func scriptOf(blocks []block) (script string, commands int) {
	var steps, files strings.Builder
	for _, b := range blocks {
		switch {
		case b.file != "":
			fmt.Fprintf(&files, "-- %s --\n%s", b.file, b.text)
		case b.language == "console":
			for line := range strings.Lines(b.text) {
				if command, ok := strings.CutPrefix(line, "$ "); ok {
					commands++
					fmt.Fprintf(&steps, "exec sh .command-%d\ncmp stdout .output-%d\n", commands, commands)
					fmt.Fprintf(&files, "-- .command-%d --\n%s-- .output-%d --\n", commands, command, commands)
				} else {
					files.WriteString(line)
				}
			}
		}
	}
	return steps.String() + files.String(), commands
}

func TestTheExamplesOfThePagesRun(t *testing.T) {
	dir := t.TempDir()
	for _, name := range examplePages {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		script, commands := scriptOf(blocksOf(string(text)))
		if commands == 0 {
			t.Errorf("%s has no example: a console block in which \"$ \" begins each command", name)
			continue
		}
		file := strings.ReplaceAll(strings.TrimSuffix(name, ".md"), "/", "-") + ".txtar"
		if err := os.WriteFile(filepath.Join(dir, file), []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, testscript.Params{Dir: dir})
}

// A page's first paragraph says whom it is for and what the reader can do then.
func TestThePagesSayWhomTheyAreFor(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages (%v)", len(pages), err)
	}
	for _, name := range pages {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitN(string(text), "\n", 6)
		first := strings.Join(lines[1:5], " ")
		if !strings.HasPrefix(lines[2], "For ") || !strings.Contains(first, "you can") {
			t.Errorf("%s: the paragraph below the title does not say whom the page is for (For ...) and what the reader can do (you can ...):\n%s", name, first)
		}
	}
}
