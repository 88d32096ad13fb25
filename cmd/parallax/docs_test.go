package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is generated into the pages of docs")

const (
	sqlPage = "../../docs/SQL.md"
	begin   = "<!-- generated from the registry: go test ./cmd/parallax -run Docs -update -->\n"
	end     = "<!-- end of what is generated -->\n"
)

// functionTables writes the registry as Markdown, a table a family.
func functionTables() string {
	var b strings.Builder
	family := ""
	lines := functionLines()
	for i := range lines {
		l := &lines[i]
		if l.Family != family {
			family = l.Family
			fmt.Fprintf(&b, "\n### %s\n\n| call | what it gives | example |\n|---|---|---|\n", family)
		}
		calls := "`" + strings.Join(l.calls(), "`<br>`") + "`"
		if len(l.Aliases) > 0 {
			calls += "<br>also " + strings.Join(l.Aliases, ", ")
		}
		nulls := ""
		if l.Nulls == "own" {
			nulls = " *"
		}
		fmt.Fprintf(&b, "| %s | %s%s | `%s` |\n", pipes(calls), pipes(l.Doc), nulls, pipes(l.Example))
	}
	return b.String() + "\n"
}

func pipes(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func TestDocsListTheFunctionsThatThereAre(t *testing.T) {
	generated(t, sqlPage, begin, functionTables())
}

// generated holds the part of a page between a line and end against what it has to be,
// or, with -update, writes it.
func generated(t *testing.T, page, begin, want string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	have, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for what is generated", page)
	}
	if have == want {
		return
	}
	if !*update {
		t.Fatalf("%s is not what it is generated from; run what its first lines say", page)
	}
	if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// calls are the ways to call the function.
func (l *functionLine) calls() []string {
	var calls []string
	for _, s := range l.Signatures {
		params, result, _ := strings.Cut(s, "->")
		calls = append(calls, fmt.Sprintf("%s(%s) %s", l.Name, strings.TrimSpace(params), strings.TrimSpace(result)))
	}
	return calls
}
