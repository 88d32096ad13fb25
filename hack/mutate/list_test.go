package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestEachMutationStillFitsTheCode keeps the list from falling behind: a run of all of
// them takes an hour, this one a moment.
func TestEachMutationStillFitsTheCode(t *testing.T) {
	const root = "../.."
	text, err := os.ReadFile("mutations.txt")
	if err != nil {
		t.Fatal(err)
	}
	list, err := readList(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("there is none")
	}
	for _, m := range list {
		code, err := os.ReadFile(filepath.Join(root, m.File))
		if err != nil {
			t.Errorf("%s: %v", m.Says, err)
			continue
		}
		if _, err := m.apply(string(code)); err != nil {
			t.Errorf("%s: %v", m.Says, err)
		}
	}
}
