package bench

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/row"
)

// timesOf runs the first batches of an input through V2 one at a time, on one core and
// without garbage collection, so that each part of the work has the core to itself, and
// returns the times of the parts. It leaves out the batches that begin among the first skip
// records, in which keys occur for the first time.
func (q *query) timesOf(n int, in *Input, size, skip int) (*taskTimes, error) {
	defer isolateCore()()
	encoding, err := q.partitionEncoders(n, false)
	if err != nil {
		return nil, err
	}
	stamps := newStamps(n)
	p, err := partitions.New(
		q.plan, candidateConfig(n), processors.Options{},
		partitions.Hooks{
			Before: func(partition, _ int, _ *row.Batch, _ []int32) bool {
				stamps.begin(partition)
				return true
			},
			After: func(partition, query int, b *row.Batch, changes []row.Change) {
				encoding.encode(partition, query, b, changes)
				stamps.end(partition)
			},
		},
	)
	if err != nil {
		return nil, err
	}
	t := &taskTimes{}
	cut, err := q.cutter(in)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	clock := q.clock()
	batches := in.cuts(size)
	for seq := 0; ; seq++ {
		from, to, ok := batches.batch(seq)
		if !ok {
			return t, p.Close()
		}
		stamps.reset()
		start := time.Now()
		b, err := cut.decode(int64(seq), from, to)
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		clock.tick(b)
		decoded := time.Now()
		o, err := p.Process(context.Background(), b)
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		done := time.Now()
		batches.made(b, len(o.Changes), 0)
		o.Release()
		b.Release()
		if from < skip {
			continue
		}
		t.decode = append(t.decode, decoded.Sub(start))
		t.route = append(t.route, slices.MinFunc(stamps.began, time.Time.Compare).Sub(decoded))
		t.merge = append(t.merge, done.Sub(slices.MaxFunc(stamps.ended, time.Time.Compare)))
		t.partition = append(t.partition, stamps.took())
	}
}

// v1Time is V1's time for the same batches under the same conditions.
func (q *query) v1Time(in *Input, size, skip int) (time.Duration, error) {
	defer isolateCore()()
	p, err := pipeline.New(q.plan, processors.Options{})
	if err != nil {
		return 0, err
	}
	encoders, cut, clock, err := q.path(in)
	if err != nil {
		return 0, err
	}
	var key, value []byte
	var sum time.Duration
	batches := in.cuts(size)
	for seq := 0; ; seq++ {
		from, to, ok := batches.batch(seq)
		if !ok {
			return sum, nil
		}
		start := time.Now()
		b, err := cut.decode(int64(seq), from, to)
		if err != nil {
			return 0, err
		}
		clock.tick(b)
		o, err := p.Process(context.Background(), b)
		if err != nil {
			return 0, err
		}
		key, value = encode(encoders, o.Changes, key, value, &output{})
		took := time.Since(start)
		batches.made(b, len(o.Changes), 0)
		o.Release()
		b.Release()
		if from >= skip {
			sum += took
		}
	}
}

// isolateCore restricts the process to one core without garbage collection, until done is called.
func isolateCore() (done func()) {
	runtime.GC()
	cores, percent := runtime.GOMAXPROCS(oneCore), debug.SetGCPercent(-1)
	return func() {
		runtime.GOMAXPROCS(cores)
		debug.SetGCPercent(percent)
	}
}

// stamps are the times when each partition started and finished a batch; each partition
// writes its own elements.
type stamps struct{ began, ended []time.Time }

func newStamps(n int) *stamps { return &stamps{make([]time.Time, n), make([]time.Time, n)} }

func (s *stamps) reset() {
	clear(s.began)
	clear(s.ended)
}

func (s *stamps) begin(p int) {
	if s.began[p].IsZero() { // of several queries the first
		s.began[p] = time.Now()
	}
}

func (s *stamps) end(p int) { s.ended[p] = time.Now() }

func (s *stamps) took() []time.Duration {
	took := make([]time.Duration, len(s.began))
	for p := range took {
		took[p] = s.ended[p].Sub(s.began[p])
	}
	return took
}

// best replaces each time by the smaller one of two runs of the same work, because
// interference only makes times longer.
func (t *taskTimes) best(other *taskTimes) {
	for b := range t.decode {
		t.decode[b] = min(t.decode[b], other.decode[b])
		t.route[b] = min(t.route[b], other.route[b])
		t.merge[b] = min(t.merge[b], other.merge[b])
		for p := range t.partition[b] {
			t.partition[b][p] = min(t.partition[b][p], other.partition[b][p])
		}
	}
}

// handOff is the median time from sending on a channel to the receiver's first instruction
// on another core, while the sender continues.
func handOff() time.Duration {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(twoCores))
	const times = 2000
	work := make(chan struct{}, 1)
	var arrived atomic.Int64
	start := time.Now()
	go func() {
		for range work {
			arrived.Store(int64(time.Since(start)) + 1)
		}
	}()
	var took []float64
	for range times {
		arrived.Store(0)
		sent := time.Since(start)
		work <- struct{}{}
		for arrived.Load() == 0 {
			if time.Since(start)-sent > time.Millisecond {
				runtime.Gosched() // no second core is available at the moment
			}
		}
		took = append(took, float64(arrived.Load()-1-int64(sent)))
	}
	close(work)
	return time.Duration(median(took))
}

// oneCoreOnly restricts the process to one core, after a garbage collection, until done is
// called.
func oneCoreOnly() (done func()) {
	runtime.GC()
	cores := runtime.GOMAXPROCS(oneCore)
	return func() { runtime.GOMAXPROCS(cores) }
}
