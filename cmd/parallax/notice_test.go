package main

import (
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// onlyInTests are modules that the tests link and the program does not.
var onlyInTests = []string{"github.com/rogpeppe/go-internal", "go.uber.org/goleak", "pgregory.net/rapid", "golang.org/x/tools"}

// TestNoticeNamesEveryLinkedModule holds NOTICE against the modules of this binary: what
// is distributed with Parallax has its licence there, in its version.
func TestNoticeNamesEveryLinkedModule(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok || len(info.Deps) == 0 {
		t.Fatal("the test binary does not say which modules it has")
	}
	notice, err := os.ReadFile("../../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(notice)) {
		if fields := strings.Fields(line); len(fields) >= 2 {
			listed[fields[0]+" "+fields[1]] = true
		}
	}
	for _, dep := range info.Deps {
		if !listed[dep.Path+" "+dep.Version] && !slices.Contains(onlyInTests, dep.Path) {
			t.Errorf("NOTICE does not name %s %s: add it with its licence and copyright", dep.Path, dep.Version)
		}
	}
}
