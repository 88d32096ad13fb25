package records

import (
	"context"
	"fmt"
	"io"

	"parallax/diff"
	"parallax/processors/row"
)

// Result is the result of comparing two files of output records.
type Result struct {
	diff.Result
	// Rows are how many output records each file has.
	Rows [2]int64
	// FirstDifferentLine is the first line, counted from 1, in which the files'
	// bytes differ; 0 where they are the same. Line ends count.
	FirstDifferentLine int
}

// Options of a comparison. The zero value requires E1.
type Options struct {
	diff.Options
	// AllowEmpty lets two files without rows be equal: at E1, and at E0 if their bytes are
	// equal. Otherwise no level holds for them.
	AllowEmpty bool
}

// IsEmpty reports whether neither file has a row.
func (r Result) IsEmpty() bool { return r.Rows[0]+r.Rows[1] == 0 }

// Compare compares two files of output records, with one JSON object on each line; the
// names are for messages. A file has one frontier, its end. Numbers keep their spelling:
// 1.1 and 1.10 differ in type. A line that is not an output record is an error that names
// it. Reading stops when ctx ends; comparing does not.
func Compare(ctx context.Context, left, right io.Reader, leftName, rightName string, opt Options) (Result, error) {
	var p pairing
	one, err := p.read(ctx, left, leftName)
	if err != nil {
		return Result{}, err
	}
	two, err := p.read(ctx, right, rightName)
	if err != nil {
		return Result{}, err
	}
	sinks := p.align(one, two)
	if err := diff.CheckRules(opt.Rules, sinks); err != nil && len(one.changes)+len(two.changes) > 0 {
		return Result{}, fmt.Errorf("rules: %w", err)
	}
	for _, s := range sinks {
		if opt.Require.IsOfMultiset() && (len(s.Key) > 0 || s.Windowed) {
			return Result{}, fmt.Errorf("level %s is about rows without a key and a window, and the rows of %s have one: use E6 for their last rows", opt.Require, s.Topic)
		}
	}
	opt.Require = min(opt.Require, diff.E1)
	d := diff.New(sinks, opt.Options)
	batch := row.NewBatch(0, 0, p.records(), nil)
	dispositions := make([]row.Disposition, batch.Len())
	d.Compare(
		&row.Outcome{Batch: batch, Changes: one.changes, Dispositions: dispositions},
		&row.Outcome{Batch: batch, Changes: two.changes, Dispositions: dispositions},
	)
	for q, t := range p.topics {
		if columns := t.shapeDifferences(); len(columns) > 0 {
			d.SchemaDiffers(q, columns)
		}
	}
	res := Result{Result: d.Result(), Rows: [2]int64{int64(len(one.changes)), int64(len(two.changes))}, FirstDifferentLine: firstDifferentLine(one.bytes, two.bytes)}
	if res.IsEmpty() && opt.AllowEmpty {
		res.LevelHeld = diff.E1
	}
	if res.FirstDifferentLine == 0 && res.LevelHeld == diff.E1 {
		res.LevelHeld = diff.E0
	}
	return res, nil
}
