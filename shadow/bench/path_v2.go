package bench

import (
	"context"
	"errors"
	"fmt"

	"parallax/processors"
	"parallax/processors/partitions"
)

// v2 runs the processor with n partitions and several batches in flight. Decoders work
// ahead of it, and each partition encodes its own rows, so that merge only orders them.
// assign maps keys to partitions by hand; nil hashes them.
func (q *query) v2(n int, assign map[string]int) run {
	return func(in *Input, size int, out *output) error {
		encoding, err := q.partitionEncoders(n, out.check)
		if err != nil {
			return err
		}
		p, err := partitions.New(
			q.plan, candidateConfig(n),
			processors.Options{}, partitions.Hooks{Assign: assign, After: encoding.encode},
		)
		if err != nil {
			return err
		}
		batches := in.cuts(size)
		merged, err := q.drive(p, batches)
		out.batches = batches.len()
		out.routing = routingOf(p)
		if err := errors.Join(err, p.Close()); err != nil {
			return err
		}
		encoding.sum(out)
		if merged != out.rows {
			return fmt.Errorf("v2: %d rows were encoded, and %d came out of merge", out.rows, merged)
		}
		return nil
	}
}

// drive processes the input with a V2 and returns the number of rows.
func (q *query) drive(p processors.Pipeliner, batches *cuts) (rows int, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	submitted := make(chan error, 1)
	go func() { submitted <- q.submit(ctx, p, batches) }()
	for ended := false; !ended; {
		o, err := p.Next(ctx)
		if err != nil {
			cancel()
			<-submitted
			return rows, err
		}
		rows += len(o.Changes)
		b := o.Batch
		batches.made(b, len(o.Changes), 0)
		ended = b.Flush()
		o.Release()
		b.Release()
	}
	return rows, <-submitted
}

func (q *query) submit(ctx context.Context, p processors.Pipeliner, batches *cuts) error {
	ahead, err := q.decodeAhead(ctx, batches)
	if err != nil {
		return err
	}
	for {
		b, err := ahead.next()
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := p.Submit(ctx, b); err != nil {
			return err
		}
	}
	return p.Submit(ctx, q.flush(ahead.seq, batches.in.Len()))
}
