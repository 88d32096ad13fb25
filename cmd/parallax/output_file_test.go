package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Output never replaces its input, whichever name it has, and is readable by its owner only.
func TestOutputIsNotTheInput(t *testing.T) {
	dir := t.TempDir()
	input, link, hard := filepath.Join(dir, "in"), filepath.Join(dir, "symbolic"), filepath.Join(dir, "hard")
	if err := os.WriteFile(input, []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(input, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(input, hard); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(input)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	script, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer script.Close()
	for _, name := range []string{input, link, hard, filepath.Join(dir, ".", "..", filepath.Base(dir), "in")} {
		if f, err := createOutput("--dlq", name, script, in); err == nil {
			f.Close()
			t.Errorf("%s is created over the input", name)
		}
	}
	if text, _ := os.ReadFile(input); string(text) != "data" {
		t.Errorf("the input is now %q", text)
	}
	other := filepath.Join(dir, "other")
	f, err := createOutput("--dlq", other, script, in)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, _ := f.Stat(); info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
}

// Data does not become readable by others because the file was there before.
func TestAFileThatOthersCouldReadIsMadePrivate(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := createOutput("-o", name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, _ := f.Stat(); info.Mode().Perm() != 0o600 || info.Size() != 0 {
		t.Errorf("the file's mode is %v, and its size %d", info.Mode(), info.Size())
	}
	if f, err := createOutput("-o", os.DevNull); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
}
