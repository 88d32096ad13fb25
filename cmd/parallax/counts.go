package main

import (
	"encoding/json"
	"fmt"

	"parallax/reports/gate"
	"parallax/shadow/script"
)

// printCounts writes what a script made of its input to standard error: a line for people, or one JSON object.
func (e *env) printCounts(c script.Result) error {
	if e.json {
		return json.NewEncoder(e.errs).Encode(c)
	}
	line := fmt.Sprintf("%s records in, %s rows out; %s undecodable, %s late, %s failed expressions",
		gate.Thousands(c.Records), gate.Thousands(c.Rows), gate.Thousands(c.Undecodable), gate.Thousands(c.Late), gate.Thousands(c.FailedExpressions))
	if c.RefusedRows > 0 {
		line += fmt.Sprintf(", %s rows refused", gate.Thousands(c.RefusedRows))
	}
	_, err := fmt.Fprintln(e.errs, line)
	return err
}
