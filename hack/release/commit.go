package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// commit is what a release is built from.
type commit struct {
	version, hash string
	time          time.Time
}

// describe reads the last commit. It refuses a work tree with changes, since no commit would have what is released.
func describe() (commit, error) {
	changes, err := git("status", "--porcelain")
	if err != nil {
		return commit{}, err
	}
	if changes != "" {
		return commit{}, fmt.Errorf("the work tree has changes: commit or stash them first\n%s", changes)
	}
	version, err1 := git("describe", "--tags", "--always")
	hash, err2 := git("rev-parse", "HEAD")
	stamp, err3 := git("log", "-1", "--format=%ct")
	if err := errors.Join(err1, err2, err3); err != nil {
		return commit{}, err
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	return commit{version, hash, time.Unix(seconds, 0).UTC()}, err
}

func git(args ...string) (string, error) {
	text, err := exec.Command("git", args...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(text)), nil
}
