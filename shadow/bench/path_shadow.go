package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/codec"
	"parallax/shadow/evidence"
)

// shadowPartitions is V2's partition count next to V1.
const shadowPartitions = 4

// shadow runs V1 and V2 together, with merge and diff, in the runner of a live job. V1's
// rows are encoded and discarded, and every record is compared.
func (q *query) shadow(level diff.Level) run {
	return func(in *Input, size int, out *output) error {
		encoders, cut, clock, err := q.path(in)
		if err != nil {
			return err
		}
		batches := in.cuts(size)
		sink := &discard{encoders: encoders, out: out, made: batches.made}
		rep, err := q.runShadow(shadow.Job{
			Source: &preloaded{cut: cut, batches: batches, clock: clock}, Output: sink,
			Candidate: q.candidate(shadowPartitions), RequireLevel: level, Config: comparing(),
		})
		if err != nil {
			return err
		}
		out.batches = batches.len()
		return allCompared(rep, in.Len())
	}
}

// comparing is the runner's configuration of a bounded run: every record is
// compared.
func comparing() shadow.Config {
	v2 := candidate.Default()
	v2.OnOverload = candidate.Block
	return shadow.Config{Candidate: v2, Commit: shadow.DefaultCommit()}
}

func (q *query) candidate(n int) func() (processors.Processor, error) {
	return func() (processors.Processor, error) {
		return partitions.New(q.plan, candidateConfig(n), processors.Options{}, partitions.Hooks{})
	}
}

// candidateConfig is V2's configuration next to V1.
func candidateConfig(n int) processors.Config {
	return processors.Config{Architecture: processors.ArchitectureV2, Partitions: n}
}

// runShadow runs a job of this query.
func (q *query) runShadow(job shadow.Job) (evidence.Report, error) {
	r, err := q.newRunner(job)
	if err != nil {
		return evidence.Report{}, err
	}
	return r.Run(context.Background())
}

// newRunner returns the runner of a job of this query.
func (q *query) newRunner(job shadow.Job) (*shadow.Runner, error) {
	for _, one := range q.plan.Queries {
		job.Sinks = append(job.Sinks, one.Sink)
	}
	job.Control = func() (processors.Processor, error) { return pipeline.New(q.plan, processors.Options{}) }
	return shadow.New(job)
}

// allCompared returns an error unless both paths had every record, and agreed.
func allCompared(rep evidence.Report, records int) error {
	l := rep.Ledger
	switch {
	case rep.Broken != "":
		return errors.New("shadow: " + rep.Broken)
	case rep.Diff.Roots() > 0:
		return fmt.Errorf("shadow: V2 differs from V1 in %d places", rep.Diff.Roots())
	case rep.Detached != "":
		return fmt.Errorf("shadow: %s", rep.Detached)
	case l.Compared+l.Filtered+l.Undecodable != int64(records):
		return fmt.Errorf("shadow: %d records were taken, and %d compared or filtered", records, l.Compared+l.Filtered)
	}
	return nil
}

// preloaded is a source that decodes an input on the runner's goroutine and ends it with
// the flush.
type preloaded struct {
	cut     *cutter
	batches *cuts
	clock   *clock
	seq     int64
	flushed bool
}

// Next implements shadow.Source.
func (s *preloaded) Next(ctx context.Context) (*row.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	from, to, ok := s.batches.batch(int(s.seq))
	if !ok {
		if s.flushed {
			return nil, io.EOF
		}
		s.flushed = true
		return s.cut.q.flush(s.seq, s.cut.in.Len()), nil
	}
	b, err := s.cut.decode(s.seq, from, to)
	if err != nil {
		return nil, err
	}
	s.clock.tick(b)
	s.seq++
	return b, nil
}

// discard encodes V1's rows and discards them.
type discard struct {
	encoders   []*codec.Encoder
	key, value []byte
	out        *output
	// emitted is called with a batch after its rows are encoded; it may be nil. last is the time of the last batch's rows.
	emitted func(b *row.Batch)
	last    time.Time
	// made is called with what a batch made; it may be nil.
	made func(b *row.Batch, rows, bytes int)
}

// Emit implements shadow.Output.
func (d *discard) Emit(_ context.Context, b *row.Batch, changes []row.Change, _ []row.DeadLetter) error {
	before := d.out.bytes
	d.key, d.value = encode(d.encoders, changes, d.key, d.value, d.out)
	if d.made != nil {
		d.made(b, len(changes), d.out.bytes-before)
	}
	if d.emitted != nil {
		d.emitted(b)
	}
	d.last = time.Now()
	return nil
}

// Commit implements shadow.Output. It does nothing.
func (d *discard) Commit(context.Context) error { return nil }
