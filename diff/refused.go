package diff

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// A record that a path refuses (on_error: dlq, late: dlq) is a dead letter, and that is
// output as rows are: consumers read the topic. Dead letters are compared as
// (record, reason), independently of the rows and of the required level. A record that
// several queries refuse has a dead letter for each reason.

// The names of differences that are not columns of a sink.
const (
	deadLetterColumn = "dead letter"
	reasonColumn     = "reason"
	errorsColumn     = "expression errors"
	lateColumn       = "late records"
	closedColumn     = "closed windows"
)

// refused compares the records that the sides refused.
func (d *Differ) compareRefusals(v1, v2 *row.Outcome) {
	if slices.Equal(v1.DeadLetters, v2.DeadLetters) {
		return
	}
	one, two := inRecordOrder(v1.DeadLetters), inRecordOrder(v2.DeadLetters)
	for len(one) > 0 || len(two) > 0 {
		record := nextRecord(one, two)
		var a, b []string
		a, one = reasonsOf(one, record)
		b, two = reasonsOf(two, record)
		d.refusedRecord(record, a, b)
	}
}

// refusedRecord compares the sides' reasons for refusing one record. Equal reasons match,
// and the remaining ones are paired as far as possible.
func (d *Differ) refusedRecord(record int, v1, v2 []string) {
	one, two := without(v1, v2), without(v2, v1)
	for i := range max(len(one), len(two)) {
		switch {
		case i >= len(two):
			d.refusal(Missing, record, ColumnDiff{Name: deadLetterColumn, V1: one[i]})
		case i >= len(one):
			d.refusal(Extra, record, ColumnDiff{Name: deadLetterColumn, V2: two[i]})
		default:
			d.refusal(ValueClass, record, ColumnDiff{Name: reasonColumn, V1: one[i], V2: two[i]})
		}
	}
}

func (d *Differ) refusal(class Class, record int, column ColumnDiff) {
	column.V1, column.V2 = d.shownReason(column.V1), d.shownReason(column.V2)
	ex := Example{Batch: d.batch.Seq, Columns: []ColumnDiff{column}}
	if record >= 0 && record < d.batch.Len() {
		r := d.batch.Record(record)
		ex.Causes = []Cause{{r.Topic, r.Partition, r.Offset}}
	}
	d.found.add(divergence{class: class, root: true, shape: deadLetterColumn, example: ex})
}

func inRecordOrder(letters []row.DeadLetter) []row.DeadLetter {
	letters = slices.Clone(letters)
	slices.SortStableFunc(letters, func(a, b row.DeadLetter) int {
		return cmp.Or(cmp.Compare(a.Record, b.Record), cmp.Compare(a.Reason, b.Reason))
	})
	return letters
}

// nextRecord is the smallest record that either list has a dead letter of.
func nextRecord(a, b []row.DeadLetter) int {
	switch {
	case len(a) == 0:
		return b[0].Record
	case len(b) == 0:
		return a[0].Record
	}
	return min(a[0].Record, b[0].Record)
}

// reasonsOf returns the reasons for a record from the start of a list, and the rest of the
// list.
func reasonsOf(letters []row.DeadLetter, record int) (reasons []string, rest []row.DeadLetter) {
	for len(letters) > 0 && letters[0].Record == record {
		reasons = append(reasons, letters[0].Reason)
		letters = letters[1:]
	}
	return reasons, letters
}

// without returns a list without the elements of another one, each as often as it occurs
// there.
func without(list, other []string) (rest []string) {
	other = slices.Clone(other)
	for _, s := range list {
		if i := slices.Index(other, s); i >= 0 {
			other = slices.Delete(other, i, i+1)
		} else {
			rest = append(rest, s)
		}
	}
	return rest
}

// counted compares the sides' counts for a batch with equal rows. Failed expressions: an
// error whose result is NULL is visible only in this count. If a record makes all groups of
// a window emit, the count depends on how groups are distributed, so it is skipped. Late
// records and closed windows: a window that V2 keeps open is visible in a row only when a
// record arrives for it.
func (d *Differ) compareCounts(v1, v2 *row.Outcome) {
	scoped := slices.ContainsFunc(d.sinks, func(s *row.Sink) bool { return s.WindowScope })
	for _, c := range [...]struct {
		column       string
		v1, v2       int64
		isComparable bool
	}{
		{errorsColumn, v1.ExpressionErrors, v2.ExpressionErrors, !scoped},
		{lateColumn, v1.Late, v2.Late, true},
		{closedColumn, v1.ClosedWindows, v2.ClosedWindows, true},
	} {
		if c.v1 == c.v2 || !c.isComparable {
			continue
		}
		d.found.add(beside(divergence{class: ValueClass, root: true, shape: c.column, example: Example{
			Batch: v1.Batch.Seq, Columns: []ColumnDiff{{c.column, count(c.v1), count(c.v2), CountColumn}},
		}}))
	}
}
