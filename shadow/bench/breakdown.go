package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// Breakdown divides direct's time into its parts, in ns for a record: medians over the
// rounds. Decoding, Engine, Rows, Encoding and Remainder add up to Whole.
type Breakdown struct {
	Scenario string `json:"scenario"`
	Records  int    `json:"records"`
	// RowsOut is the number of output rows, Checksum is their checksum.
	RowsOut  int     `json:"rows_out"`
	Checksum string  `json:"checksum"`
	Whole    float64 `json:"whole"`
	Decoding float64 `json:"decoding"`
	// Rows is the time to write the output rows once more into reused memory, which is how
	// the engine writes them; Engine is the rest of the engine's time.
	Engine    float64 `json:"engine"`
	Rows      float64 `json:"rows"`
	Encoding  float64 `json:"encoding"`
	Remainder float64 `json:"remainder"`
}

// breakDown measures the steps of direct in a scenario.
func (b *benchmark) breakDown(ctx context.Context, s *scenario, q *query) error {
	chosen, err := choosePaths(b.opt.Paths)
	if err != nil {
		return err
	}
	if s.rows != nil || !slices.ContainsFunc(chosen, func(p *path) bool { return p.name == "direct" }) {
		return nil
	}
	in := b.input(s, processors.SliceRecords)
	b.opt.Progress(fmt.Sprintf("scenario %s (%s), the steps of direct, %d records", s.id, s.title, in.Len()))
	defer oneCoreOnly()()
	var rounds []steps
	for range b.opt.Rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		one, err := q.steps(in, false, &output{})
		if err != nil {
			return err
		}
		again, err := q.steps(in, true, &output{})
		if err != nil {
			return err
		}
		one.rows = again.rows
		rounds = append(rounds, one)
	}
	out := output{check: true}
	if _, err := q.steps(in, false, &out); err != nil {
		return err
	}
	want := output{check: true}
	if err := q.direct(in, processors.SliceRecords, &want); err != nil {
		return err
	}
	if out.rows != want.rows || out.sum != want.sum {
		return fmt.Errorf("scenario %s: the steps of direct made %d rows with checksum %s, and direct makes %d with %s", s.id, out.rows, out.checksum(), want.rows, want.checksum())
	}
	b.doc.Breakdown = append(b.doc.Breakdown, breakdownOf(s.id, in.Len(), &out, rounds))
	return nil
}

// breakdownOf returns the medians of the rounds. The remainder is the whole minus the sum
// of the parts.
func breakdownOf(id string, records int, out *output, rounds []steps) Breakdown {
	per := func(of func(s *steps) time.Duration) float64 {
		var values []float64
		for i := range rounds {
			values = append(values, float64(of(&rounds[i]).Nanoseconds())/float64(records))
		}
		return median(values)
	}
	d := Breakdown{
		Scenario: id, Records: records, RowsOut: out.rows, Checksum: out.checksum(),
		Whole:    per(func(s *steps) time.Duration { return s.whole }),
		Decoding: per(func(s *steps) time.Duration { return s.decode }),
		Engine:   per(func(s *steps) time.Duration { return max(0, s.run-s.rows) }),
		Rows:     per(func(s *steps) time.Duration { return min(s.run, s.rows) }),
		Encoding: per(func(s *steps) time.Duration { return s.encode }),
	}
	d.Remainder = d.Whole - d.Decoding - d.Engine - d.Rows - d.Encoding
	return d
}

// steps are the times of the steps of direct.
type steps struct{ whole, decode, run, rows, encode time.Duration }

// steps runs direct and measures each step. With again it writes the rows of each slice
// once more and measures that; its other times are then invalid.
func (q *query) steps(in *Input, again bool, out *output) (steps, error) {
	d, err := newStepByStep(q, in, out)
	if err != nil {
		return steps{}, err
	}
	n := in.Len()
	start := time.Now()
	for from := 0; from < n; from += processors.SliceRecords {
		t := time.Now()
		if err := d.decode(from, min(from+processors.SliceRecords, n)); err != nil {
			return steps{}, err
		}
		d.took.decode += time.Since(t)
		d.rest(again)
	}
	d.batch = q.flush(0, n)
	d.rest(again)
	d.took.whole = time.Since(start)
	return d.took, nil
}

// stepByStep is direct, step by step.
type stepByStep struct {
	cut          *cutter
	clock        *clock
	engines      []*exec.Engine
	encoders     []*codec.Encoder
	batch        *row.Batch
	result       exec.Result
	dispositions []row.Disposition
	key, value   []byte
	out          *output
	took         steps
	// changes and values are the rows once more.
	changes []row.Change
	values  []row.Value
}

func newStepByStep(q *query, in *Input, out *output) (*stepByStep, error) {
	cut, err := q.cutter(in)
	if err != nil {
		return nil, err
	}
	encoders, err := q.encoders()
	if err != nil {
		return nil, err
	}
	d := &stepByStep{cut: cut, clock: q.clock(), encoders: encoders, out: out}
	for _, one := range q.plan.Queries {
		e, err := exec.New(one, exec.Options{})
		if err != nil {
			return nil, err
		}
		d.engines = append(d.engines, e)
	}
	return d, nil
}

func (d *stepByStep) decode(from, to int) (err error) {
	if d.batch, err = d.cut.decode(0, from, to); err == nil {
		d.clock.tick(d.batch)
	}
	return err
}

// rest are the steps after decoding.
func (d *stepByStep) rest(again bool) {
	t := time.Now()
	d.dispositions = append(d.dispositions[:0], make([]row.Disposition, d.batch.Len())...)
	d.result.Reset(d.dispositions)
	for _, e := range d.engines {
		e.RunAll(d.batch, &d.result)
	}
	d.took.run += time.Since(t)
	if again {
		t = time.Now()
		d.writeAgain()
		d.took.rows += time.Since(t)
	}
	t = time.Now()
	d.key, d.value = encode(d.encoders, d.result.Changes, d.key, d.value, d.out)
	d.took.encode += time.Since(t)
	d.batch.Release()
}

// writeAgain writes the rows of the slice once more.
func (d *stepByStep) writeAgain() {
	d.changes, d.values = d.changes[:0], d.values[:0]
	for i := range d.result.Changes {
		c := d.result.Changes[i]
		first := len(d.values)
		d.values = append(d.values, c.Values...)
		c.Values = d.values[first:]
		d.changes = append(d.changes, c)
	}
}
