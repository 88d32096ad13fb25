package main

import (
	"encoding/json"
	"fmt"
)

// reportRefused writes a line to standard error about a record or a row that cannot be used:
// what it is, where or why, and more. With --json the line is JSON.
func (e *env) reportRefused(kind, what, detail string) {
	if e.json {
		// A write that fails has nowhere to be reported.
		_ = json.NewEncoder(e.errs).Encode(struct {
			Kind   string `json:"kind"`
			What   string `json:"what"`
			Detail string `json:"detail"`
		}{kind, what, detail})
		return
	}
	fmt.Fprintf(e.errs, "%s: %s: %s\n", kind, what, detail)
}
