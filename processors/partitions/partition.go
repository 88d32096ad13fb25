package partitions

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"parallax/processors/exec"
	"parallax/processors/row"
)

// partition is one of V2's N partitions: a goroutine with an engine for each query. Only
// that goroutine uses the engines while a batch is in flight.
type partition struct {
	index   int
	v       *coordinator
	engines []*exec.Engine
	queue   chan *job
	life    life
	// query is the running query, for the message of a panic.
	query int

	records, keys, busy, queued atomic.Int64
	// taken counts the records that each engine has processed, even if several queries read
	// them.
	taken  []atomic.Int64
	pinned atomic.Int32
}

// share is how many records of a job are the partition's, each counted once
// however many queries read it.
func (p *partition) share(j *job) (n int64) {
	for q := range p.v.queries {
		n += p.v.counted(j.slice, q, j.lists[q][p.index])
	}
	return n
}

// serve processes jobs until V2 is closed or the partition has failed. After an error its
// state is unusable.
func (p *partition) serve() {
	for {
		select {
		case <-p.v.quit:
			return
		case j := <-p.queue:
			if !p.life.begin() {
				return
			}
			ok := p.run(j)
			if !p.life.end() || !ok {
				return
			}
		}
	}
}

// run processes one slice with the engines of all queries. Every engine processes every
// slice, with or without records for it, because time advances in all of them.
func (p *partition) run(j *job) (ok bool) {
	defer func() {
		if !ok {
			j.fail(panicked(recover(), p.index, p.v.describeQuery(p.query), j.batch))
		}
	}()
	p.queued.Add(-p.share(j))
	start := time.Now()
	var records, keys int64
	for q, engine := range p.engines {
		p.query = q
		mine, hashes := j.lists[q][p.index], j.hashes[q][p.index]
		if before := p.v.hooks.Before; before != nil && !before(p.index, p.v.stages[q].Stage, j.slice, mine) {
			continue
		}
		slice := j.slice
		if view := p.v.hooks.View; view != nil {
			slice = view(p.index, p.v.stages[q].Stage, slice, mine)
		}
		if !p.take(j, q, slice, mine, hashes) {
			j.fail(ErrClosed)
			return false
		}
		if after := p.v.hooks.After; after != nil {
			after(p.index, p.v.stages[q].Stage, j.slice, j.changes[p.index][q])
		}
		records += p.v.counted(j.slice, q, mine)
		p.taken[q].Add(int64(len(mine)))
		keys += engine.Keys()
	}
	p.records.Add(records)
	j.made.worked[p.index] += records
	if j.last {
		p.keys.Store(max(keys, p.keys.Load())) // only this goroutine writes it
	}
	p.busy.Add(int64(time.Since(start)))
	j.finish()
	return true
}

// take processes a slice with one engine. The results refer to the batch's records, not the
// slice's. It reports whether the engine processed the whole slice.
func (p *partition) take(j *job, q int, slice *row.Batch, mine []int32, hashes []uint64) bool {
	out := &j.made.results[p.index][q]
	letters := len(out.DeadLetters)
	out.Changes, out.Dispositions = j.changes[p.index][q], j.made.dispositions[q][j.from:j.from+j.slice.Len()]
	out.Done = p.v.abandoned.Done()
	if !p.engines[q].Run(slice, mine, hashes, out) {
		return false
	}
	for i := range out.Changes {
		c := &out.Changes[i]
		c.Partition = int32(p.index)
		if c.Cause >= 0 {
			c.Cause += int32(j.from)
		}
	}
	for i := range out.DeadLetters[letters:] {
		out.DeadLetters[letters+i].Record += j.from
	}
	j.changes[p.index][q], out.Changes, out.Dispositions = out.Changes, nil, nil
	return true
}

// counted is how many of a stage's records are counted here.
func (v *coordinator) counted(b *row.Batch, q int, list []int32) (n int64) {
	query := &v.queries[q]
	switch {
	case query.counts:
		return int64(len(list))
	case !query.countsSome:
		return 0
	}
	for _, i := range list {
		for _, in := range query.inputs {
			if in.counts && in.source == b.Record(int(i)).Source {
				n++
			}
		}
	}
	return n
}

func (v *coordinator) describeQuery(q int) string {
	return fmt.Sprintf("query %d (%s)", q, v.stages[q].Sink.Name)
}

// life tells Close which goroutines it can wait for: a goroutine between two jobs ends at
// once, one in the middle of a job may never end.
type life struct {
	mu           sync.Mutex
	busy, closed bool
	ended        chan struct{}
}

// begin marks the start of a job; false once V2 is closed.
func (l *life) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = !l.closed
	return l.busy
}

// end marks the end of a job; false once V2 is closed.
func (l *life) end() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = false
	return !l.closed
}

// close prevents new jobs and waits for the goroutine to end, unless it is in the middle of
// a job.
func (l *life) close() {
	l.mu.Lock()
	l.closed = true
	busy := l.busy
	l.mu.Unlock()
	if !busy {
		<-l.ended
	}
}

// leaked reports whether the goroutine was left behind by close and still runs.
func (l *life) leaked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.ended:
		return false
	default:
		return l.closed
	}
}
