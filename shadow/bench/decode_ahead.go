package bench

import (
	"context"
	"runtime"

	"parallax/processors/row"
)

// decodeAhead decodes an input's batches in parallel and ahead of whoever takes
// them: decoding has no state. There are as many decoders as cores.
type decodeAhead struct {
	lanes []chan *row.Batch
	clock *clock
	seq   int64
}

// laneBatches is how many decoded batches may wait in a lane.
const laneBatches = 1

// decodeAhead starts the decoders; they end with the input or with ctx. Decoder d
// of n decodes batches d, d+n, ... so that who takes them in turn has them in
// order.
func (q *query) decodeAhead(ctx context.Context, in *Input, size int) *decodeAhead {
	n := runtime.GOMAXPROCS(0)
	d := &decodeAhead{lanes: make([]chan *row.Batch, n), clock: q.clock()}
	first := q.cutter(in)
	for i := range d.lanes {
		lane, cut := make(chan *row.Batch, laneBatches), first.another()
		d.lanes[i] = lane
		go func() {
			defer close(lane)
			for seq := i; seq*size < in.Len(); seq += n {
				b := cut.decode(int64(seq), seq*size, min((seq+1)*size, in.Len()))
				select {
				case lane <- b:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	return d
}

// next is the next batch in order; nil after the last.
func (d *decodeAhead) next() *row.Batch {
	b := <-d.lanes[int(d.seq)%len(d.lanes)]
	if b == nil {
		return nil
	}
	d.seq++
	d.clock.tick(b)
	return b
}
