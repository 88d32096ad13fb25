package tables

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"parallax/diff"
)

// Result has the findings of a comparison.
type Result struct {
	Probe Probe `json:"-"`
	// Ledger counts the offsets of each side.
	Ledger [2]Ledger `json:"ledger"`
	// Identities are those that have a row at the end: of each side, and of both.
	Identities [2]int64 `json:"identities"`
	Paired     int64    `json:"paired"`
	// known and knownBoth are as Identities and Paired, with those that were deleted.
	known     [2]int64
	knownBoth int64
	// Equal identities have the same row on both sides, and Spelled of them write numbers
	// differently. Tolerated ones differ only in what rules tolerate.
	Equal     int64 `json:"equal"`
	Spelled   int64 `json:"spelled_differently"`
	Tolerated int64 `json:"tolerated_identities"`
	// Differing identities have different rows, Alone ones a row on one side.
	Differing int64    `json:"differing"`
	Alone     [2]int64 `json:"alone"`
	// Closed identities have a window that both sides have left behind; ClosedDiffering are
	// those of them that differ or are alone.
	Windowed        bool  `json:"windowed"`
	Closed          int64 `json:"closed_windows"`
	ClosedDiffering int64 `json:"closed_windows_differing"`
	// SampledOneOf is 1 if all identities were compared, and otherwise one of how many.
	SampledOneOf int64 `json:"sampled_one_of"`
	// Vanished identities differ, but a row of them could not be read again.
	Vanished int64 `json:"vanished"`
	// AsBag: the rows have no key and were compared in any order.
	AsBag bool `json:"as_bag"`
	// Found has the divergences, their signatures and what rules tolerated.
	Found diff.Result `json:"-"`
	// Columns count what was compared of each column of identities that both sides have.
	Columns []diff.ColumnCounts `json:"-"`
	// Undecodable are the first records of each side that could not be decoded.
	Undecodable [2][]string `json:"undecodable_examples"`
}

// IsEmpty reports whether a side has no record.
func (r *Result) IsEmpty() bool {
	return r.Probe.Records[diff.V1] == 0 || r.Probe.Records[diff.V2] == 0
}

// leastShare is the smallest share of identities that must pair.
const leastShare = 0.01

// Share is the share of identities that both sides have, deleted ones too, of the side that
// has fewer.
func (r *Result) Share() float64 {
	fewer := min(r.known[diff.V1], r.known[diff.V2])
	if fewer == 0 {
		return 0
	}
	return float64(r.knownBoth) / float64(fewer)
}

// Pairs reports whether enough identities pair for a difference to mean something.
func (r *Result) Pairs() bool { return r.AsBag || r.Share() >= leastShare }

// Holds reports whether a level holds: E6, E5 where windows have closed, or, for rows
// without a key, Ze.
func (r *Result) Holds(l diff.Level) bool {
	same := r.Differing+r.Alone[diff.V1]+r.Alone[diff.V2] == 0 && !r.IsEmpty() && r.Pairs()
	switch l {
	case diff.Ze:
		return r.AsBag && same
	case diff.E5:
		return !r.AsBag && r.Windowed && r.Closed > 0 && r.ClosedDiffering == 0 && r.Pairs()
	case diff.E6:
		return !r.AsBag && same
	}
	return false
}

// LevelHeld is the strongest level that holds.
func (r *Result) LevelHeld() diff.Level {
	for _, l := range []diff.Level{diff.E5, diff.E6, diff.Ze} {
		if r.Holds(l) {
			return l
		}
	}
	return diff.None
}

// mostUndecodable is how many records that could not be decoded are shown of each side.
const mostUndecodable = 3

func (r *Result) undecodable(side diff.Side, rec *Record, err error) {
	r.Ledger[side].Undecodable++
	if len(r.Undecodable[side]) < mostUndecodable {
		r.Undecodable[side] = append(r.Undecodable[side], fmt.Sprintf("%d@%d: %v", rec.Partition, rec.Offset, err))
	}
}

// ofValues are the hypotheses that do not depend on batches and partitions, of which a
// topic shows nothing.
var ofValues = []diff.Hypothesis{diff.FloatOrder, diff.ThroughDouble, diff.TimeZone, diff.OtherUnit, diff.NullText, diff.OffByOne}

// mostSignatures is how many signatures are kept.
const mostSignatures = 256

// merge adds what a Differ has found in some of the identities.
// placeOf returns the place of an example's rows.
func (r *Result) merge(d *diff.Differ, placeOf func(diff.Cause) string) {
	found := d.Result()
	all := &r.Found
	all.Root, all.Cascade = all.Root+found.Root, all.Cascade+found.Cascade
	if all.ByClass == nil {
		all.ByClass = map[diff.Class]int64{}
	}
	for class, n := range found.ByClass {
		all.ByClass[class] += n
	}
	for _, s := range found.Signatures {
		r.describe(&s.Example, placeOf)
		r.describe(s.Latest, placeOf)
		r.describe(s.Largest, placeOf)
		if s.V2Partitions = nil; !slices.Contains(ofValues, s.Hypothesis) {
			s.Hypothesis, s.HypothesisText = "", ""
		}
		i := slices.IndexFunc(all.Signatures, func(own diff.Signature) bool { return own.ID == s.ID })
		switch {
		case i >= 0:
			own := &all.Signatures[i]
			own.Count, own.Roots = own.Count+s.Count, own.Roots+s.Roots
			if own.Latest = &s.Example; s.Latest != nil {
				own.Latest = s.Latest
			}
			if s.Largest != nil && (own.Largest == nil || s.Largest.Amount > own.Largest.Amount) {
				own.Largest = s.Largest
			}
			if own.Hypothesis != s.Hypothesis { // it has to fit all
				own.Hypothesis, own.HypothesisText = "", ""
			}
		case len(all.Signatures) < mostSignatures:
			all.Signatures = append(all.Signatures, s)
		}
	}
	if all.Tolerated == nil {
		all.Tolerated = make([]diff.Tolerated, len(found.Tolerated))
	}
	for i, t := range found.Tolerated {
		own := &all.Tolerated[i]
		r.describe(t.Example, placeOf)
		r.describe(t.Latest, placeOf)
		own.Rule, own.Text, own.Rows = t.Rule, t.Text, own.Rows+t.Rows
		if own.Example == nil {
			own.Example = t.Example
		} else if t.Example != nil {
			own.Latest = t.Example
		}
		if t.Latest != nil {
			own.Latest = t.Latest
		}
	}
	for _, o := range found.Outputs {
		r.Tolerated += o.ToleratedRows
	}
}

// describe replaces what an example says of a run by what two tables have: the places of
// both rows, and the start of a window whose end is not known.
func (r *Result) describe(ex *diff.Example, placeOf func(diff.Cause) string) {
	if ex == nil {
		return
	}
	if len(ex.Causes) > 0 {
		ex.Place, ex.Causes, ex.V2Partitions = placeOf(ex.Causes[0]), nil, nil
	}
	if len(ex.Window) == 2 && ex.Window[1] <= ex.Window[0]+1 {
		if ex.Key == nil {
			ex.Key = map[string]string{}
		}
		ex.Key["window start"] = diff.TimeText(ex.Window[0])
		ex.Window = nil
	}
}

// columnTable adds up the counts of columns by their names.
type columnTable map[string]*diff.ColumnCounts

func (t columnTable) add(list []diff.ColumnCounts) {
	for _, c := range list {
		own := t[c.Name]
		if own == nil {
			own = &diff.ColumnCounts{Topic: c.Topic, Name: c.Name}
			t[c.Name] = own
		}
		own.NullV1Only += c.NullV1Only
		own.NullV2Only += c.NullV2Only
		own.Type += c.Type
		own.Tolerated += c.Tolerated
		own.Differ += c.Differ
	}
}

// list returns the columns, those that differ most first. Of rows rows, those that are in no
// other count are the same.
func (t columnTable) list(rows int64) []diff.ColumnCounts {
	out := []diff.ColumnCounts{}
	for _, name := range slices.Sorted(maps.Keys(t)) {
		c := *t[name]
		c.Rows = rows
		c.Same = rows - c.NullV1Only - c.NullV2Only - c.Type - c.Tolerated - c.Differ
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b diff.ColumnCounts) int { return cmp.Compare(a.Same, b.Same) })
	return out
}
