package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var released = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// files writes the files of an archive, with modes and times that must not show in it.
func files(t *testing.T, at time.Time, mode os.FileMode) []member {
	t.Helper()
	dir := t.TempDir()
	members := []member{{"parallax", "", 0o755}, {"LICENSE", "", 0o644}}
	for i := range members {
		m := &members[i]
		m.path = filepath.Join(dir, m.name)
		if err := os.WriteFile(m.path, []byte("the "+m.name), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(m.path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return members
}

func archiveOf(t *testing.T, name string, members []member) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := writeArchive(path, "folder", released, members); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// listTar and listZip list an archive: a line for each file.
func listTar(t *testing.T, text []byte) (lines []string) {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if err == io.EOF {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %o %s %s", h.Name, h.Mode, h.ModTime.UTC().Format(time.DateTime), content))
	}
}

func listZip(t *testing.T, text []byte) (lines []string) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %o %s %s", f.Name, f.Mode(), f.Modified.UTC().Format(time.DateTime), content))
	}
	return lines
}

func TestAnArchiveHasTheSameBytesWhateverTheFilesTimesAndModes(t *testing.T) {
	want := []string{
		"folder/parallax 755 2026-03-04 05:06:07 the parallax",
		"folder/LICENSE 644 2026-03-04 05:06:07 the LICENSE",
	}
	for name, list := range map[string]func(*testing.T, []byte) []string{"a.tar.gz": listTar, "a.zip": listZip} {
		one := archiveOf(t, name, files(t, released.AddDate(-1, 0, 0), 0o600))
		other := archiveOf(t, name, files(t, released.AddDate(0, 0, 3), 0o640))
		if !bytes.Equal(one, other) {
			t.Errorf("%s: times and modes of the files change its bytes", name)
		}
		if lines := list(t, one); !slices.Equal(lines, want) {
			t.Errorf("%s has\n%s\nwant\n%s", name, strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestSumsAreThoseOfTheArchives(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "parallax_v1_linux_amd64.tar.gz")
	if err := os.WriteFile(archive, []byte("contents"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeSums(filepath.Join(dir, "SHA256SUMS"), []string{archive}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if want := fmt.Sprintf("%x  parallax_v1_linux_amd64.tar.gz\n", sha256.Sum256([]byte("contents"))); err != nil || string(text) != want {
		t.Errorf("SHA256SUMS is %q, %v; want %q", text, err, want)
	}
}

func TestTargets(t *testing.T) {
	var names []string
	for _, each := range targets {
		names = append(names, each.archive("v1.2.3")+" "+each.program())
	}
	want := []string{
		"parallax_v1.2.3_linux_amd64.tar.gz parallax", "parallax_v1.2.3_linux_arm64.tar.gz parallax",
		"parallax_v1.2.3_darwin_amd64.tar.gz parallax", "parallax_v1.2.3_darwin_arm64.tar.gz parallax",
		"parallax_v1.2.3_windows_amd64.zip parallax.exe", "parallax_v1.2.3_windows_arm64.zip parallax.exe",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the archives are\n%s", strings.Join(names, "\n"))
	}
	chosen, err := chooseTargets("windows/arm64,linux/amd64")
	if err != nil || !slices.Equal(chosen, []target{{"windows", "arm64"}, {"linux", "amd64"}}) {
		t.Errorf("chosen: %v, %v", chosen, err)
	}
	if _, err := chooseTargets("linux/riscv64"); err == nil || !strings.Contains(err.Error(), "linux/riscv64") || !strings.Contains(err.Error(), "darwin/arm64") {
		t.Errorf("an unknown target: %v", err)
	}
}

// A program that does not name the version that its archive has is refused.
func TestTheProgramHasToNameItsVersion(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs of this test are shell scripts")
	}
	program := filepath.Join(t.TempDir(), "parallax")
	text := "#!/bin/sh\nprintf 'parallax v1.2.3\\ncommit   abc\\ngo1.26\\n'\n"
	if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := checkVersion(program, commit{version: "v1.2.3", hash: "abc"}); err != nil {
		t.Error(err)
	}
	for _, c := range []commit{{version: "v1.2.4", hash: "abc"}, {version: "v1.2", hash: "abc"}, {version: "v1.2.3", hash: "abd"}} {
		if err := checkVersion(program, c); err == nil {
			t.Errorf("accepted as %v", c)
		}
	}
}
