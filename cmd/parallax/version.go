package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version and commit are set by the linker (see Makefile); a plain go build
// falls back on what Go noted itself.
var (
	version = "dev"
	commit  = ""
)

type versionCommand struct{}

func (versionCommand) Help() string { return examples("parallax version", "parallax version --json") }

func (versionCommand) Run(e *env) error {
	v := struct {
		Version string `json:"version"`
		Commit  string `json:"commit"`
		Go      string `json:"go"`
	}{version, builtFrom(), runtime.Version()}
	if e.json {
		return json.NewEncoder(e.out).Encode(v)
	}
	_, err := fmt.Fprintf(e.text(), "parallax %s\ncommit   %s\n%s\n", v.Version, v.Commit, v.Go)
	return err
}

// builtFrom is the commit that the program was built from.
func builtFrom() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}
