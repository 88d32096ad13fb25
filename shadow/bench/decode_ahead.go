package bench

import (
	"context"
	"runtime"

	"parallax/processors/row"
)

// decodeAhead decodes an input's batches in parallel and ahead of the consumer, because
// decoding has no state. There are as many decoders as cores.
type decodeAhead struct {
	lanes []chan decoded
	clock *clock
	seq   int64
}

// decoded is a batch or the error of decoding it.
type decoded struct {
	batch *row.Batch
	err   error
}

// laneBatches is how many decoded batches may wait in a lane.
const laneBatches = 1

// decodeAhead starts the decoders; they end with the input or with ctx. Decoder d of n
// decodes batches d, d+n, ..., so reading from the decoders in turn gives the batches in
// order.
func (q *query) decodeAhead(ctx context.Context, batches *cuts) (*decodeAhead, error) {
	n := runtime.GOMAXPROCS(0)
	d := &decodeAhead{lanes: make([]chan decoded, n), clock: q.clock()}
	free := make(chan batchMemory, spareBatches)
	cutters := make([]*cutter, n)
	for i := range cutters {
		var err error
		if cutters[i], err = q.newCutter(batches.in, free); err != nil {
			return nil, err
		}
	}
	for i := range d.lanes {
		lane, cut := make(chan decoded, laneBatches), cutters[i]
		d.lanes[i] = lane
		go func() {
			defer close(lane)
			for seq := i; ; seq += n {
				from, to, ok := batches.batch(seq)
				if !ok {
					return
				}
				b, err := cut.decode(int64(seq), from, to)
				select {
				case lane <- decoded{b, err}:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	return d, nil
}

// next is the next batch in order; nil after the last.
func (d *decodeAhead) next() (*row.Batch, error) {
	one := <-d.lanes[int(d.seq)%len(d.lanes)]
	if one.batch == nil {
		return nil, one.err
	}
	d.seq++
	d.clock.tick(one.batch)
	return one.batch, nil
}
