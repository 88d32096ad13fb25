package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// failing are arguments with which each command fails once it runs; nil for one that
// does not fail.
var failing = map[string][]string{
	"demo":       {"--fault", "nonsense"},
	"generate":   {"-o", "missing/folder/file", "--records", "1"},
	"run":        {"missing.yaml"},
	"sql":        {"SELECT"},
	"compare":    {"missing.jsonl", "missing.jsonl"},
	"explain":    {"missing.yaml"},
	"gate":       {"missing.yaml"},
	"report":     {"missing.yaml"},
	"history":    {"missing.yaml"},
	"stage":      {"missing.yaml"},
	"serve":      {"--max-jobs", "0"},
	"token":      {"new", "--role", "view", "--file", "missing/folder/file"},
	"accept":     {"missing.yaml", "4383b341414e", "--owner", "o", "--reason", "r", "--expires", "2030-01-01", "--max-count", "1"},
	"bench":      {"--scenario", "nonsense"},
	"validate":   {"missing.yaml"},
	"config":     {"missing.yaml"},
	"state":      {"show", "missing"},
	"version":    nil,
	"completion": {"nonsense"},
}

// Under --json an error of any command is one JSON object on standard error, whether the
// command line is wrong or the command fails.
func TestErrorsUnderJSONAreJSONInEveryCommand(t *testing.T) {
	var p program
	e := &env{out: io.Discard, errs: io.Discard}
	k, _, err := e.parser(&p)
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range k.Model.Children {
		args, known := failing[command.Name]
		if !known {
			t.Errorf("%s: say with which arguments it fails", command.Name)
			continue
		}
		lines := [][]string{{command.Name, "--nonsense"}, {command.Name, "--json=perhaps"}}
		if args != nil {
			lines = append(lines, append([]string{command.Name}, args...))
		}
		for _, line := range lines {
			code, out, errs := parallax(t, append([]string{"--json"}, line...)...)
			if code != exitError || out != "" {
				t.Errorf("%v: exit %d, %q", line, code, out)
			}
			var got struct {
				Error *string `json:"error"`
				Hint  *string `json:"hint"`
			}
			if err := json.Unmarshal([]byte(errs), &got); err != nil || got.Error == nil || *got.Error == "" || got.Hint == nil {
				t.Errorf("%v: standard error is not one object with error and hint (%v): %q", line, err, errs)
			}
		}
	}
}

// Errors about flags and files do not contain the texts of Go's packages.
func TestErrorsOfFlagsAndFilesAreInPlainWords(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"run", "--for", "5", "x.yaml"}, `--for: "5" is not a duration; write a number and a unit, such as 500ms, 30s or 10m`},
		{[]string{"run", "--for", "soon", "x.yaml"}, `--for: "soon" is not a duration`},
		{[]string{"demo", "--partitions", "x"}, `--partitions: "x" is not a whole number in the flag's range`},
		{[]string{"demo", "--seed", "1x"}, `--seed: "1x" is not a whole number in the flag's range`},
		{[]string{"generate", "--bad", "x"}, `--bad: "x" is not a number`},
		{[]string{"run"}, "the argument <job> ... is missing"},
		{[]string{"compare", "a"}, "the argument <right> is missing"},
		{[]string{"validate", "missing.yaml"}, "cannot open missing.yaml: no such file or directory"},
		{[]string{"demo", "--listen", "nonsense"}, `--listen: "nonsense" is not an address to listen on`},
		{[]string{"generate", "--brokers", "b:x", "--topic", "t"}, `--brokers: "b:x" is not the address of a broker`},
		{[]string{"bench", "--brokers", "b:x"}, `--brokers: "b:x" is not the address of a broker`},
		{[]string{"bench", "--scenario", "9"}, `--scenario: unknown scenario "9"`},
		{[]string{"bench", "--path", "v3"}, `--path: unknown path "v3"`},
	} {
		code, _, errs := parallax(t, c.args...)
		if code != exitError || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, %q, want %q", c.args, code, errs, c.want)
		}
	}
}
