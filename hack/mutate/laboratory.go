package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// laboratory builds and runs a suite's runner with a mutation on.
type laboratory struct {
	work  string
	suite *suite
	list  []mutation
	// all is the runner that has all mutations but those that are built alone.
	all   string
	alone []int
}

func newLaboratory(work string, s *suite, list []mutation) (*laboratory, error) {
	l := &laboratory{work: work, suite: s, list: list}
	files, alone, err := overlayOf(list, func(path string) (string, error) {
		text, err := os.ReadFile(path)
		return string(text), err
	})
	if err != nil {
		return nil, err
	}
	l.alone = alone
	l.all, err = l.build("all", files)
	return l, err
}

// plain runs the suite with nothing broken.
func (l *laboratory) plain() ([]string, error) { return l.suite.notice(l.all, 0) }

// breakRule runs the suite with mutation n, from 1, and returns the cases that
// notice.
func (l *laboratory) breakRule(n int) ([]string, error) {
	if !slices.Contains(l.alone, n) {
		return l.suite.notice(l.all, n)
	}
	m := &l.list[n-1]
	text, err := os.ReadFile(m.File)
	if err != nil {
		return nil, err
	}
	changed, err := m.apply(string(text))
	if err != nil {
		return nil, err
	}
	runner, err := l.build(fmt.Sprint(n), map[string]string{m.File: changed})
	if err != nil {
		return nil, err
	}
	noticed, err := l.suite.notice(runner, n)
	return noticed, errors.Join(err, os.Remove(runner)) // each is as large as the program
}

// build builds the runner with other texts in place of files.
func (l *laboratory) build(name string, files map[string]string) (runner string, err error) {
	dir := filepath.Join(l.work, name)
	overlay, err := writeOverlay(dir, ".", files)
	if err != nil {
		return "", err
	}
	runner = filepath.Join(dir, "notice")
	build := exec.Command("go", append(slices.Clone(l.suite.build), "-ldflags=-s -w", "-overlay", overlay, "-o", runner, l.suite.pkg)...)
	if message, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("it does not build: %s", message)
	}
	return runner, nil
}

// writeOverlay writes a folder with the texts that a build takes in place of files, and
// the list of them for go build's -overlay. Paths of files are relative to root.
func writeOverlay(dir, root string, files map[string]string) (overlay string, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	replace := map[string]string{}
	for path, text := range files {
		path, err := filepath.Abs(filepath.Join(root, path))
		if err != nil {
			return "", err
		}
		other := filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(other, []byte(text), 0o644); err != nil {
			return "", err
		}
		replace[path] = other
	}
	spec, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, spec, 0o644)
}
