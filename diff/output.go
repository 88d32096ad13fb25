package diff

import "parallax/processors/row"

// Unit is the unit in which the evidence for one output is counted. Rows of one key share
// state, so a statement about how often outputs differ is about units, not rows.
type Unit string

// The units. A session is one unit, counted when it closes.
const (
	UnitRow       Unit = "rows"             // the output has neither key nor window
	UnitKey       Unit = "keys"             // it has a key and no window
	UnitWindow    Unit = "windows"          // it has a window and no key
	UnitKeyWindow Unit = "keys and windows" // it has both
)

// IsKeyed reports whether the output has a key.
func (u Unit) IsKeyed() bool { return u == UnitKey || u == UnitKeyWindow }

// IsWindowed reports whether the output has windows.
func (u Unit) IsWindowed() bool { return u == UnitWindow || u == UnitKeyWindow }

func unitOf(s *row.Sink) Unit {
	switch keyed := len(s.Key) > 0; {
	case keyed && s.Windowed:
		return UnitKeyWindow
	case keyed:
		return UnitKey
	case s.Windowed:
		return UnitWindow
	}
	return UnitRow
}

// Output says what was compared of one output topic, with the result.
type Output struct {
	Topic string `json:"topic"`
	// LevelHeld is the strongest level that holds, None if no row was compared.
	LevelHeld Level `json:"level_held"`
	// Root and Cascade count divergences at the required level.
	Root    int64 `json:"root"`
	Cascade int64 `json:"cascade"`
	// Rows counts V1's rows, ToleratedRows those of them with a difference that rules
	// tolerate.
	Rows          int64 `json:"rows"`
	ToleratedRows int64 `json:"tolerated_rows"`
	// Units are counted in Unit.
	Unit  Unit  `json:"unit"`
	Units int64 `json:"units"`
	// Keys counts distinct keys over the whole run; 0 for an output without a key.
	// KeysAtLeast: there may be more, because the count stopped at MostKeys.
	Keys        int64 `json:"keys"`
	KeysAtLeast bool  `json:"keys_at_least"`
	// ClosedWindows are the windows, of each key, that have closed.
	ClosedWindows int64 `json:"closed_windows"`
}

// output returns the result for the output of a query.
func (d *Differ) output(q int) Output {
	s, state := d.sinks[q], d.queries[q]
	o := Output{
		Topic: s.Topic, LevelHeld: d.heldBy(q), Rows: state.rows, ToleratedRows: d.tolerance.rows[q],
		Unit: unitOf(s), Units: state.rows,
	}
	if found := d.found.byTopic[s.Topic]; found != nil {
		o.Root, o.Cascade = found.roots, found.cascades
	}
	if keys := d.ids.outputs[q]; keys != nil {
		o.Units, o.ClosedWindows = keys.units.count, keys.units.closed
		switch o.Unit {
		case UnitKey:
			o.Keys = o.Units
		case UnitKeyWindow:
			o.Keys, o.KeysAtLeast = keys.units.distinct.len(), keys.units.distinct.full
		}
	}
	return o
}
