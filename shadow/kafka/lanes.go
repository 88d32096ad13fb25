package kafka

import (
	"context"
	"fmt"
	"sync"
	"time"

	"parallax/processors/row"
	"parallax/shadow/kafka/cluster"
)

// lanes are the topic-partitions whose records cannot be decoded for now, because the decoder
// cannot reach a system that it needs. Each waits in a lane of its own, so that the others
// continue as far as the input order allows. Nothing is dropped or reordered. The zero value has
// no lanes.
type lanes struct {
	mu sync.Mutex
	of map[row.TopicPartition]*lane
}

// lane is a topic-partition that waits at an offset.
type lane struct {
	since  time.Time
	offset int64
	err    error
	// behind are the fetches that were decoded meanwhile: they follow the ones that wait.
	behind []fetch
}

const (
	// firstRetry and mostRetry bound the pause before decoding is tried again. The pause doubles each
	// time that no record could be decoded.
	firstRetry = 100 * time.Millisecond
	mostRetry  = 10 * time.Second
)

// count returns how many topic-partitions wait. Any goroutine may call it.
func (l *lanes) count() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.of))
}

// Ready returns nil if the job reads its input, and else why it does not. It may be called
// at any time.
func (t *Task) Ready() error {
	if err := t.member.CheckReach(); err != nil {
		return err
	}
	l := &t.lanes
	l.mu.Lock()
	defer l.mu.Unlock()
	var oldest *lane
	var at row.TopicPartition
	for tp, one := range l.of {
		if oldest == nil || one.since.Before(oldest.since) {
			oldest, at = one, tp
		}
	}
	if oldest == nil {
		return nil
	}
	return fmt.Errorf("records of %s/%d from offset %d on cannot be decoded for now (%v): %w (waiting topic-partitions: %d)",
		at.Topic, at.Partition, oldest.offset, time.Since(oldest.since).Round(time.Second), oldest.err, len(l.of))
}

// handOver hands a fetch to Next, or appends it to the lane of its topic-partition. It is called
// by one goroutine, in the order of the fetches; all gets the goroutines that retry.
func (l *lanes) handOver(ctx context.Context, t *Task, f fetch, all *sync.WaitGroup) {
	l.mu.Lock()
	if waiting := l.of[f.at]; waiting != nil {
		if f.rest != nil {
			f.lane = waiting
		}
		waiting.behind = append(waiting.behind, f)
		l.mu.Unlock()
		return
	}
	if f.rest == nil || ctx.Err() != nil {
		l.mu.Unlock()
		t.give(ctx, f)
		return
	}
	one := &lane{since: time.Now(), offset: f.rest.from, err: f.cannot}
	f.lane = one
	if l.of == nil {
		l.of = map[row.TopicPartition]*lane{}
	}
	l.of[f.at] = one
	l.mu.Unlock()
	t.member.pause(f.at) // at once: what comes now waits in memory
	t.log.Warn("records cannot be decoded for now; their topic-partition waits, and the job retries",
		"topic", f.at.Topic, "partition", f.at.Partition, "offset", one.offset, "error", f.cannot)
	t.give(ctx, f)
	all.Go(func() { l.retry(ctx, t, one, f.rest) })
}

// give hands a fetch to Next.
func (t *Task) give(ctx context.Context, f fetch) {
	select {
	case t.fetched <- f:
	case <-ctx.Done():
	}
}

// retry decodes the records in a lane until none waits, or ctx ends.
func (l *lanes) retry(ctx context.Context, t *Task, one *lane, rest *piece) {
	var decoder Decoder
	logged := time.Now()
	for pause := firstRetry; rest != nil; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		t.stats.decodeRetries.Add(1)
		f := t.attempt(ctx, rest, &decoder)
		if ctx.Err() != nil {
			return
		}
		if f.rest == nil {
			t.give(ctx, f)
			rest = l.follow(ctx, t, one, f.at)
			pause = firstRetry
			continue
		}
		if pause = min(2*pause, mostRetry); f.rest.from > rest.from {
			f.lane = one
			t.give(ctx, f)
			pause = firstRetry
		}
		rest = f.rest
		l.note(one, rest.from, f.cannot)
		if now := time.Now(); now.Sub(logged) >= cluster.RepeatEvery {
			logged = now
			t.log.Warn("records still cannot be decoded; their topic-partition waits, and the job retries",
				"topic", f.at.Topic, "partition", f.at.Partition, "offset", rest.from, "for", now.Sub(one.since).Round(time.Second), "error", f.cannot)
		}
	}
}

// attempt decodes a piece with a lane's decoder, and creates the decoder if necessary.
func (t *Task) attempt(ctx context.Context, p *piece, decoder *Decoder) fetch {
	if *decoder == nil {
		making, cancel := context.WithTimeout(ctx, attemptTimeout)
		defer cancel()
		d, err := t.newDecoder(making, p.Topic)
		if err != nil {
			return fetch{at: row.TopicPartition{Topic: p.Topic, Partition: p.Partition}, rest: p, cannot: err}
		}
		*decoder = d
	}
	return t.decode(ctx, p, *decoder)
}

// note keeps where a lane waits, and why.
func (l *lanes) note(one *lane, offset int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one.offset, one.err = offset, err
}

// follow hands over the fetches behind the ones that waited, up to the next one that has records
// that cannot be decoded, and returns these. If no fetch is left, it ends the lane.
func (l *lanes) follow(ctx context.Context, t *Task, one *lane, at row.TopicPartition) (rest *piece) {
	for {
		l.mu.Lock()
		if len(one.behind) == 0 {
			delete(l.of, at)
			l.mu.Unlock()
			t.give(ctx, fetch{at: at, lane: one, released: true})
			t.log.Warn("records can be decoded again; their topic-partition continues", "topic", at.Topic, "partition", at.Partition, "after", time.Since(one.since).Round(time.Millisecond))
			return nil
		}
		f := one.behind[0]
		one.behind = one.behind[1:]
		l.mu.Unlock()
		t.give(ctx, f)
		if f.rest != nil {
			l.note(one, f.rest.from, f.cannot)
			return f.rest
		}
	}
}
