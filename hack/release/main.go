// Release builds the archives that a release consists of: a static program for each system, with LICENSE, NOTICE and
// README.md, and SHA256SUMS. The same commit and the same version of Go give the same bytes. Run `make release`.
//
// Stability: ours.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

func main() {
	out := flag.String("o", "build/release", "the `folder` of the archives; it is emptied first")
	only := flag.String("only", "", "build these `targets`, such as linux/amd64,darwin/arm64, instead of all")
	flag.Parse()
	if err := release(*out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release builds the targets' archives and SHA256SUMS in a folder. Its working folder is the repository.
func release(out, only string) error {
	targets, err := chooseTargets(only)
	if err != nil {
		return err
	}
	commit, err := describe()
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(out), os.MkdirAll(out, 0o755)); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "parallax-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	var archives []string
	for _, t := range targets {
		program := filepath.Join(work, t.program())
		if err := build(t, commit, program); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		if t == (target{runtime.GOOS, runtime.GOARCH}) {
			if err := checkVersion(program, commit); err != nil {
				return fmt.Errorf("%s: %w", t, err)
			}
		}
		archive := filepath.Join(out, t.archive(commit.version))
		if err := writeArchive(archive, t.folder(commit.version), commit.time, contents(program, t)); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		archives = append(archives, archive)
		fmt.Println(archive)
	}
	if now, err := describe(); err != nil || now != commit {
		return errors.Join(errors.New("the work tree changed while the programs were built: run it again"), err)
	}
	return writeSums(filepath.Join(out, "SHA256SUMS"), archives)
}

// contents are the files of an archive, in their order.
func contents(program string, t target) []member {
	files := []member{{t.program(), program, 0o755}}
	for _, name := range []string{"LICENSE", "NOTICE", "README.md"} {
		files = append(files, member{name, name, 0o644})
	}
	return files
}

// build builds the program for a target. Nothing of the machine is in it: no paths, no C library, no state of the
// work tree but the commit that is given.
func build(t target, c commit, program string) error {
	flags := fmt.Sprintf("-s -w -X main.version=%s -X main.commit=%s", c.version, c.hash)
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", program, "./cmd/parallax")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=", "GOOS="+t.os, "GOARCH="+t.arch, "GOAMD64=v1", "GOARM64=v8.0")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// checkVersion runs the program of this machine's system: it has to name the version and the commit.
func checkVersion(program string, c commit) error {
	text, err := exec.Command(program, "version").Output()
	if err != nil {
		return fmt.Errorf("parallax version: %w", err)
	}
	for _, want := range []string{"parallax " + c.version + "\n", c.hash + "\n"} {
		if !strings.Contains(string(text), want) {
			return fmt.Errorf("parallax version does not print %q: %s", want, text)
		}
	}
	return nil
}
