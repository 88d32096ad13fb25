package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// patience is how many seconds of a CPU the goldens may take with a rule broken:
// some loops never end then. It is no time on the wall, of which a busy machine takes
// any amount.
const patience = 120

// laboratory builds and runs the goldens' runner with a rule broken.
type laboratory struct {
	work string
	list []mutation
	// all is the runner that has all mutations but those that are built alone.
	all   string
	alone []int
}

func newLaboratory(work string, list []mutation) (*laboratory, error) {
	l := &laboratory{work: work, list: list}
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

// plain runs the goldens with nothing broken.
func (l *laboratory) plain() ([]string, error) { return notice(l.all, 0) }

// breakRule runs the goldens with mutation n, from 1, and returns those that
// notice.
func (l *laboratory) breakRule(n int) ([]string, error) {
	if !slices.Contains(l.alone, n) {
		return notice(l.all, n)
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
	return notice(runner, n)
}

// build builds the runner with other texts in place of files.
func (l *laboratory) build(name string, files map[string]string) (runner string, err error) {
	dir := filepath.Join(l.work, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	replace := map[string]string{}
	for path, text := range files {
		path, err := filepath.Abs(path)
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
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, spec, 0o644); err != nil {
		return "", err
	}
	runner = filepath.Join(dir, "notice")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-overlay", overlay, "-o", runner, "./hack/mutate/notice")
	if message, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("it does not build: %s", message)
	}
	return runner, nil
}

// notice runs a runner with a mutation on, and returns the cases that notice.
func notice(runner string, n int) ([]string, error) {
	c := exec.Command("sh", "-c", fmt.Sprintf(`ulimit -t %d && exec "$0"`, patience), runner)
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, n))
	printed, err := c.Output()
	noticed := strings.Fields(string(printed))
	var ended *exec.ExitError
	if errors.As(err, &ended) { // it hung or crashed, which is noticed
		return append(noticed, "crash"), nil
	}
	return noticed, err
}
