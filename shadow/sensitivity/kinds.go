package sensitivity

import (
	"slices"

	"parallax/diff"
	"parallax/processors/row"
)

// kind is a kind of mutation.
type kind struct {
	name  string
	class diff.Class // with which it must be detected
	need  need
	// isFor reports whether a row may be the changed one; nil for any.
	isFor func(s *row.Sink, c *row.Change) bool
	// inject changes V2's side. It returns false where the rows do not allow that.
	inject func(m *mutation) bool
}

func (k *kind) fits(s *row.Sink, c *row.Change) bool { return k.isFor == nil || k.isFor(s, c) }

// need is what a kind needs of a batch.
type need uint8

const (
	needsNoRow      need = iota
	needsDeadLetter      // of V1
	needsRow             // that is no deletion
	needsTombstone       // a deletion, with the row of the same identity before it, if there is one
	needsTwoRows         // of one identity
)

// kindsFor lists the kinds of mutations that the required level does not allow.
func kindsFor(opt Options) []kind {
	var list []kind
	for k := row.Boolean; k <= row.Struct; k++ {
		list = append(list, valueKind(k))
	}
	list = append(list, rowKinds...)
	if opt.Require >= diff.E2w { // below, rows that repeat the one before are left out
		list = append(list, kind{"duplicate", diff.Duplicate, needsRow, nil, (*mutation).repeat})
	}
	if opt.Require >= diff.E1 { // below, the order among keys may differ
		list = append(list, kind{"order among keys", diff.Reorder, needsRow, nil, (*mutation).swapWithOtherKey})
	}
	list = append(list, outcomeKinds...)
	if !slices.ContainsFunc(opt.Sinks, func(s *row.Sink) bool { return s.WindowScope }) {
		list = append(list, kind{"count of expression errors", diff.ValueClass, needsNoRow, nil, func(m *mutation) bool { m.v2.ExpressionErrors++; return true }})
	}
	return list
}

// rowKinds change a row at every level.
var rowKinds = []kind{
	{"null for a value", diff.ValueClass, needsRow, nil, (*mutation).setNull},
	{"timestamp", diff.ValueClass, needsRow, nil, (*mutation).moveTimestamp},
	{"type", diff.TypeClass, needsRow, nil, (*mutation).changeType},
	{"schema", diff.Schema, needsRow, nil, (*mutation).dropColumn},
	{"missing", diff.Missing, needsRow, nil, (*mutation).drop},
	{"extra", diff.Extra, needsRow, nil, (*mutation).add},
	{"order within a key", diff.Reorder, needsTwoRows, nil, (*mutation).swap},
	{"window", diff.WindowBounds, needsRow, isWindowed, (*mutation).moveWindow},
	{"key", diff.KeyClass, needsRow, isKeyed, (*mutation).changeKey},
	{"tombstone lost", diff.Tombstone, needsTombstone, nil, (*mutation).loseTombstone},
	{"early", diff.Early, needsRow, isFinal, (*mutation).addEarly},
	{"late", diff.Late, needsRow, isWindowed, (*mutation).addLate},
	{"routing", diff.Routing, needsTwoRows, isRouted, (*mutation).reroute},
}

// outcomeKinds change what is beside the rows, at every level.
var outcomeKinds = []kind{
	{"disposition", diff.Missing, needsNoRow, nil, (*mutation).changeDisposition},
	{"dead letter added", diff.Extra, needsNoRow, nil, (*mutation).addDeadLetter},
	{"dead letter lost", diff.Missing, needsDeadLetter, nil, (*mutation).loseDeadLetter},
	{"dead letter's reason", diff.ValueClass, needsDeadLetter, nil, (*mutation).changeReason},
	{"row dropped by merge", diff.Duplicate, needsNoRow, nil, func(m *mutation) bool { m.v2.Deduplicated++; return true }},
	{"row moved by merge", diff.Reorder, needsNoRow, nil, func(m *mutation) bool { m.v2.Reordered++; return true }},
	{"count of late records", diff.ValueClass, needsNoRow, nil, func(m *mutation) bool { m.v2.Late++; return true }},
	{"count of closed windows", diff.ValueClass, needsNoRow, nil, func(m *mutation) bool { m.v2.ClosedWindows++; return true }},
}

func isWindowed(s *row.Sink, _ *row.Change) bool { return s.Windowed }
func isKeyed(s *row.Sink, _ *row.Change) bool    { return len(s.Key) > 0 }
func isFinal(s *row.Sink, c *row.Change) bool    { return s.Windowed && s.Final && c.Phase == 0 }

// isRouted: one partition of V2 makes all rows of an identity.
func isRouted(s *row.Sink, _ *row.Change) bool {
	return !s.AnyPartition && (len(s.Key) > 0 || s.Windowed)
}

// valueKind changes a value of a kind of type.
func valueKind(of row.Kind) kind {
	return kind{
		"value " + of.String(), diff.ValueClass, needsRow,
		func(_ *row.Sink, c *row.Change) bool {
			return slices.ContainsFunc(c.Values, func(v row.Value) bool { return v.Kind() == of })
		},
		func(m *mutation) bool {
			return m.changeValue(func(v row.Value) (row.Value, bool) {
				if v.Kind() != of {
					return v, false
				}
				return changed(v, m.pick)
			})
		},
	}
}
