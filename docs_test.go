package parallax_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var quoted = regexp.MustCompile(`"([^"]+)"`)

// TestTroubleshootingQuotesWhatTheProgramSays: a text in quotes is found by searching for
// it, so it is one that the program writes.
func TestTroubleshootingQuotesWhatTheProgramSays(t *testing.T) {
	page, err := os.ReadFile("docs/TROUBLESHOOTING.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		code.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	texts := quoted.FindAllStringSubmatch(string(page), -1)
	if len(texts) < 10 {
		t.Fatalf("only %d texts are quoted", len(texts))
	}
	for _, m := range texts {
		for _, part := range strings.Split(m[1], "…") {
			if !strings.Contains(code.String(), strings.TrimSpace(part)) {
				t.Errorf("no code says %q", part)
			}
		}
	}
}

// TestEachDecisionIsInTheIndex: a page that no other page links to is not found.
func TestEachDecisionIsInTheIndex(t *testing.T) {
	index, err := os.ReadFile("docs/decisions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("docs/decisions/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if name := filepath.Base(page); name != "README.md" && !strings.Contains(string(index), "]("+name+")") {
			t.Errorf("docs/decisions/README.md has no link to %s", name)
		}
	}
}

func TestTheReadmeListsEachPage(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages (%v)", len(pages), err)
	}
	for _, page := range pages {
		if n := strings.Count(string(readme), "]("+page+") |") + strings.Count(string(readme), "]("+page+"), "); n != 1 {
			t.Errorf("README.md lists %s %d times under Documentation, want once", page, n)
		}
	}
}
