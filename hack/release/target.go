package main

import (
	"fmt"
	"slices"
	"strings"
)

// target is a system that a program is built for, in Go's names.
type target struct{ os, arch string }

// targets are all systems of a release.
var targets = []target{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

func (t target) String() string { return t.os + "/" + t.arch }

// program is the file name of the program.
func (t target) program() string {
	if t.os == "windows" {
		return "parallax.exe"
	}
	return "parallax"
}

// folder is the folder that an archive unpacks into.
func (t target) folder(version string) string {
	return fmt.Sprintf("parallax_%s_%s_%s", version, t.os, t.arch)
}

func (t target) archive(version string) string {
	if t.os == "windows" {
		return t.folder(version) + ".zip"
	}
	return t.folder(version) + ".tar.gz"
}

// chooseTargets reads a list such as linux/amd64,darwin/arm64; an empty one is all targets.
func chooseTargets(only string) ([]target, error) {
	if only == "" {
		return targets, nil
	}
	var chosen []target
	for _, name := range strings.Split(only, ",") {
		i := slices.IndexFunc(targets, func(t target) bool { return t.String() == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown target %q: use some of %v", name, targets)
		}
		chosen = append(chosen, targets[i])
	}
	return chosen, nil
}
