package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEachMutationStillFitsTheCode keeps the lists from falling behind: a run of all of
// them takes an hour, this one a moment.
func TestEachMutationStillFitsTheCode(t *testing.T) {
	const root = "../.."
	for _, s := range suites {
		text, err := os.ReadFile(filepath.Join(root, s.file))
		if err != nil {
			t.Fatal(err)
		}
		list, err := readList(string(text))
		if err != nil {
			t.Fatalf("%s: %v", s.file, err)
		}
		if len(list) < 60 {
			t.Errorf("%s has %d mutations", s.file, len(list))
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
}

// TestTheMutationsBuild: a replacement names what the code around it names, which moves.
// Those that are built alone are not tried: they change constants.
func TestTheMutationsBuild(t *testing.T) {
	const root = "../.."
	for _, s := range suites {
		t.Run(s.name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, s.file))
			if err != nil {
				t.Fatal(err)
			}
			list, err := readList(string(text))
			if err != nil {
				t.Fatal(err)
			}
			files, _, err := overlayOf(list, func(path string) (string, error) {
				text, err := os.ReadFile(filepath.Join(root, path))
				return string(text), err
			})
			if err != nil {
				t.Fatal(err)
			}
			overlay, err := writeOverlay(filepath.Join(t.TempDir(), "overlay"), root, files)
			if err != nil {
				t.Fatal(err)
			}
			args := []string{"build", "-overlay", overlay}
			for path := range files {
				if pkg := "./" + filepath.Dir(path); !slices.Contains(args, pkg) {
					args = append(args, pkg)
				}
			}
			build := exec.Command("go", args...)
			build.Dir = root
			if message, err := build.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, message)
			}
		})
	}
}

func TestAJobThatDiesBeforeItsVerdictNotices(t *testing.T) {
	for _, c := range []struct {
		name, printed string
		want          report
	}{
		{
			"all end", "judge 0 begin a\njudge 0 pass a\njudge 1 begin b, c\njudge 1 notice b, c: fail: 2 roots\nFAIL\n",
			report{jobs: 2, last: 1, noticed: []string{"b, c: fail: 2 roots"}},
		},
		{"dies in the second", "judge 3 begin a\njudge 3 pass a\njudge 4 begin b\npanic: oops\n", report{jobs: 2, last: 4, running: "b"}},
		{"dies after a verdict", "judge 3 begin a\njudge 3 pass a\npanic: oops\n", report{jobs: 1, last: 3}},
		{"dies at once", "panic: oops\n", report{}},
	} {
		got := readReport(c.printed)
		if got.jobs != c.want.jobs || got.last != c.want.last || got.running != c.want.running || !slices.Equal(got.noticed, c.want.noticed) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestTheTableSaysWhyNoRunNoticesAMutation(t *testing.T) {
	s := suites[1]
	list, err := readList("## Merge\n\nslower\nunseen: only the time changes\n@ a.go\n<<<\nx\n===\ny\n>>>\n\nwrong\n@ a.go\n<<<\nz\n===\ny\n>>>\n")
	if err != nil {
		t.Fatal(err)
	}
	page := s.table([]result{{mutation: list[0], done: true}, {mutation: list[1], done: true, noticed: []string{"joins: fail: 3 roots", "chains: crash"}}})
	for _, want := range []string{
		"2 mutations, 1 of them noticed, 1 that no run can notice.",
		"| slower | `a.go` | none: only the time changes |\n", "| wrong | `a.go` | joins; chains |\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s\nhas no\n%s", page, want)
		}
	}
}
