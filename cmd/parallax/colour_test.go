package main

import "testing"

func TestColoursAreForTerminalsThatWantThem(t *testing.T) {
	for name, c := range map[string]struct {
		isTerminal, json bool
		env              map[string]string
		want             bool
	}{
		"a terminal":            {true, false, map[string]string{"TERM": "xterm"}, true},
		"a file or pipe":        {false, false, nil, false},
		"--json":                {true, true, nil, false},
		"NO_COLOR":              {true, false, map[string]string{"NO_COLOR": "1"}, false},
		"an empty NO_COLOR":     {true, false, map[string]string{"NO_COLOR": ""}, true},
		"a terminal that can't": {true, false, map[string]string{"TERM": "dumb"}, false},
	} {
		if got := showsColours(c.isTerminal, c.json, func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
