// Package arm defines the contract of an arm, which is a path that the runner compares. An
// arm is a changelog with declared capabilities (processors.Capabilities); they limit the
// level of equivalence that can be shown. Handover checks the outcomes of an arm before any
// other code reads them. V1 and V2 have all capabilities; another program or a topic may
// not.
//
// Stability: ours.
package arm

import (
	"fmt"

	"parallax/diff"
	"parallax/processors"
)

// limit is the highest level that can be shown of an arm that lacks a capability.
type limit struct {
	isGiven func(processors.Capabilities) bool
	highest diff.Level
	why     string
}

// limits are the highest levels that can be shown without a capability, the lowest first.
var limits = []limit{
	// A row without a cause may belong to an earlier batch: only the table at the end of a
	// batch is known.
	{func(c processors.Capabilities) bool { return c.Cause }, diff.E4, "its rows do not name the records that caused them"},
	// From E3 on each record must have the same disposition on both sides.
	{func(c processors.Capabilities) bool { return c.Dispositions }, diff.E3r, "it does not return each record's disposition"},
	// Rows of one key are in order, rows of different keys are not.
	{func(c processors.Capabilities) bool { return c.Order }, diff.E2, "its rows are not in the total order"},
}

// HighestLevel is the highest level that a comparison with an arm can show.
func HighestLevel(c processors.Capabilities) diff.Level {
	highest, _ := limitOf(c)
	return highest
}

// limitOf returns the highest level that the capabilities allow, and the reason for the
// limit, "" for none.
func limitOf(c processors.Capabilities) (diff.Level, string) {
	for _, l := range limits {
		if !l.isGiven(c) {
			return l.highest, l.why
		}
	}
	return diff.E1, ""
}

// Limits returns how an arm's capabilities limit the comparison, for messages; "" for no
// limit.
func Limits(c processors.Capabilities) string {
	highest, why := limitOf(c)
	if why == "" {
		return ""
	}
	return fmt.Sprintf("%s, so no level above %s can be proved", why, highest)
}

// Lost returns an error if an arm that replaces another one has fewer capabilities.
func Lost(before, after processors.Capabilities) error {
	for _, l := range limits {
		if l.isGiven(before) && !l.isGiven(after) {
			return fmt.Errorf("it declares less than its predecessor: %s", l.why)
		}
	}
	return nil
}

// Check returns an error if an arm cannot be compared at the level that a job requires,
// None for the default. Name is the arm's name for messages, such as "V2 (mine)".
func Check(name string, c processors.Capabilities, require diff.Level) error {
	if require == diff.None {
		require = diff.E1
	}
	highest := HighestLevel(c)
	if require <= highest {
		return nil
	}
	return fmt.Errorf("%s cannot be compared at %s, which diff.require_level demands: %s. Set diff.require_level to %s, or use a processor that declares more",
		name, require, Limits(c), highest)
}
