package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

const runbookPage = "../../docs/RUNBOOK.md"

// runbookSections are the sections about why a migration goes back by itself, by the constant of its cause.
var runbookSections = map[string]string{
	"Divergence": "A root divergence",
	"Detached":   "V2 was detached",
	"Blind":      "A mutation that was missed",
	"Fallbacks":  "Too many fallback episodes",
	"Changed":    "Another V2 or another query",
}

// Each cause for which a migration goes back by itself has a section in the runbook.
func TestTheRunbookHasEachCauseOfGoingBack(t *testing.T) {
	page, err := os.ReadFile(runbookPage)
	if err != nil {
		t.Fatal(err)
	}
	causes := causesOfGoingBack(t)
	if len(causes) < 5 {
		t.Fatalf("shadow/stage has the causes %v only", causes)
	}
	for _, cause := range causes {
		if title := runbookSections[cause]; title == "" || !strings.Contains(string(page), "\n### "+title+"\n") {
			t.Errorf("the runbook has no section for stage.%s: add it to the page and to runbookSections", cause)
		}
	}
}

// causesOfGoingBack lists the constants of type stage.Cause.
func causesOfGoingBack(t *testing.T) (names []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../shadow/stage/change.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			if v := s.(*ast.ValueSpec); v.Type != nil && v.Type.(*ast.Ident).Name == "Cause" {
				for _, name := range v.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

var (
	sectionTitle = regexp.MustCompile(`(?m)^#{2,3} (.+)$`)
	ownLink      = regexp.MustCompile(`\]\(#([^)]+)\)`)
)

// A link of the runbook to one of its sections leads there.
func TestTheRunbooksLinksLeadToItsSections(t *testing.T) {
	page, err := os.ReadFile(runbookPage)
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, m := range sectionTitle.FindAllStringSubmatch(string(page), -1) {
		anchors[strings.ReplaceAll(strings.ToLower(m[1]), " ", "-")] = true
	}
	links := ownLink.FindAllStringSubmatch(string(page), -1)
	if len(links) < 10 {
		t.Errorf("only %d links", len(links))
	}
	for _, m := range links {
		if !anchors[m[1]] {
			t.Errorf("there is no section %s", m[1])
		}
	}
}
