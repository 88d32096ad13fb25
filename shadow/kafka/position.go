package kafka

import (
	"context"
	"sync/atomic"
	"time"

	"parallax/shadow/ingest"
	"parallax/shadow/kafka/cluster"
)

// position is the task's position in one topic-partition.
type position struct {
	// next is the offset to be fetched next. end is the last known stable offset or, in a bounded
	// run, the end of the run.
	next, end int64
	// processed is the offset after the last record that a batch took.
	processed int64
	lastData  time.Time
	arrivals  arrivals
	paused    bool
	// lane holds the records that cannot be decoded for now; meanwhile nothing is fetched. It is
	// nil if all can be decoded.
	lane  *lane
	ended bool
	// begin is the offset at which the run began to emit; the records before it are replayed.
	begin int64
	// epoch is the leader epoch of the last record that was read, -1 if that is not known.
	epoch atomic.Int32
}

// positions finds where to begin and, in a bounded run, to end. The task begins at the place that
// Options.Resume returns or, if there is none, at the group's offsets.
func (t *Task) positions(ctx context.Context) (Committed, *ingest.Place, error) {
	at, place, err := t.resumeFrom(ctx)
	if err != nil {
		return at, nil, err
	}
	start, err := t.cfg.start()
	if err != nil {
		return at, nil, err
	}
	begins, err := t.member.Beginnings(ctx, start, t.member.topics)
	if err != nil {
		return at, nil, err
	}
	kept := begins
	if start != (cluster.Start{}) {
		if kept, err = t.member.Beginnings(ctx, cluster.Start{}, t.member.topics); err != nil {
			return at, nil, err
		}
	}
	ends, err := t.inputEnds(ctx)
	if err != nil {
		return at, nil, err
	}
	for _, tp := range t.member.topicPartitions() {
		begin, _ := begins.Lookup(tp.Topic, tp.Partition)
		first, _ := kept.Lookup(tp.Topic, tp.Partition)
		pos := &position{next: begin.Offset, end: ends[tp], lastData: time.Now()}
		pos.epoch.Store(-1)
		committed, isCommitted := at.Offsets[tp]
		if isCommitted {
			pos.next = committed
			pos.epoch.Store(at.epochs[tp])
		}
		if place != nil {
			pos.next = first.Offset // of a topic-partition that is new
			if part := place.Part(tp); part != nil {
				pos.next = part.Next
			}
		}
		if isKnown := isCommitted || place != nil; isKnown && pos.next < first.Offset {
			if isCommitted && pos.next < committed {
				return at, nil, t.deletedError(ctx, tp, pos.next, first.Offset)
			}
			t.log.Warn("Kafka deleted records that the job had not processed; the job continues after them",
				"topic", tp.Topic, "partition", tp.Partition, "from", pos.next, "to", first.Offset)
			t.stats.brokerGaps.Add(first.Offset - pos.next)
			pos.next = first.Offset
		}
		if pos.next < 0 { // a time after the last record
			pos.next = pos.end
		}
		pos.processed, pos.begin = pos.next, pos.next
		if t.replays(at, place) && isCommitted {
			pos.begin = max(committed, pos.next)
		}
		t.parts[tp] = pos
		t.order = append(t.order, tp)
	}
	t.measureLag()
	return at, place, nil
}

// measureLag counts the offsets up to the known ends.
func (t *Task) measureLag() {
	var lag int64
	for _, p := range t.parts {
		lag += max(0, p.end-p.processed)
	}
	t.stats.lag.Store(lag)
}
