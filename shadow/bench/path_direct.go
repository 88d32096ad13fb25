package bench

import (
	"context"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/pipeline"
	"parallax/processors/row"
)

// direct is the plan executed without a runner or a processor: decode, run the
// engines, encode.
func (q *query) direct(in *Input, size int, out *output) error {
	var engines []*exec.Engine
	for _, one := range q.plan.Queries {
		e, err := exec.New(one, exec.Options{})
		if err != nil {
			return err
		}
		engines = append(engines, e)
	}
	encoders, cut, clock, err := q.path(in)
	if err != nil {
		return err
	}
	var result exec.Result
	var dispositions []row.Disposition
	var key, value []byte
	run := func(b *row.Batch) {
		dispositions = append(dispositions[:0], make([]row.Disposition, b.Len())...)
		result.Reset(dispositions)
		for _, e := range engines {
			e.RunAll(b, &result)
		}
		key, value = encode(encoders, result.Changes, key, value, out)
		b.Release()
	}
	// Without a processor the batch size has no meaning: a batch that does not fit the
	// cache is decoded, processed and encoded in slices.
	size = min(size, processors.SliceRecords)
	n := len(in.Values)
	seq := int64(0)
	for from := 0; from < n; from += size {
		b, err := cut.decode(seq, from, min(from+size, n))
		if err != nil {
			return err
		}
		clock.tick(b)
		run(b)
		seq++
	}
	out.batches = int(seq)
	run(q.flush(seq, n))
	return nil
}

// v1 runs the processor on one goroutine.
func (q *query) v1(in *Input, size int, out *output) error {
	p, err := pipeline.New(q.plan, processors.Options{})
	if err != nil {
		return err
	}
	encoders, cut, clock, err := q.path(in)
	if err != nil {
		return err
	}
	batches := in.cuts(size)
	var key, value []byte
	run := func(b *row.Batch) error {
		o, err := p.Process(context.Background(), b)
		if err != nil {
			return err
		}
		before := out.bytes
		key, value = encode(encoders, o.Changes, key, value, out)
		batches.made(b, len(o.Changes), out.bytes-before)
		o.Release()
		b.Release()
		return nil
	}
	for {
		from, to, ok := batches.batch(out.batches)
		if !ok {
			return run(q.flush(int64(out.batches), in.Len()))
		}
		b, err := cut.decode(int64(out.batches), from, to)
		if err != nil {
			return err
		}
		clock.tick(b)
		if err := run(b); err != nil {
			return err
		}
		out.batches++
	}
}
