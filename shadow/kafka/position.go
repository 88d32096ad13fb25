package kafka

import (
	"context"
	"time"
)

// position is where the task stands in one topic-partition.
type position struct {
	// next is the offset to be fetched next, end the last stable offset as far as
	// it is known; in a bounded run, where the run ends.
	next, end int64
	// processed is the offset after the last record that a batch took.
	processed int64
	lastData  time.Time
	arrivals  arrivals
	paused    bool
	// lane is where its records wait that cannot be decoded for now; then it is not fetched
	// from. Else it is nil.
	lane  *lane
	ended bool
	// begin is the offset at which the run began.
	begin int64
}

// positions finds where to begin and, in a bounded run, to end.
func (t *Task) positions(ctx context.Context) error {
	start, err := t.cfg.start()
	if err != nil {
		return err
	}
	committed, err := t.member.committed(ctx)
	if err != nil {
		return err
	}
	if err := t.mayResume(committed); err != nil {
		return err
	}
	if err := t.mayBegin(ctx, committed); err != nil {
		return err
	}
	begins, err := t.member.beginnings(ctx, start, t.member.topics)
	if err != nil {
		return err
	}
	kept, err := t.member.beginnings(ctx, startAt{}, t.member.topics)
	if err != nil {
		return err
	}
	ends, err := t.inputEnds(ctx)
	if err != nil {
		return err
	}
	for _, tp := range t.member.topicPartitions() {
		begin, _ := begins.Lookup(tp.Topic, tp.Partition)
		pos := &position{next: begin.Offset, end: ends[tp], lastData: time.Now()}
		if at, ok := committed[tp]; ok {
			pos.next = at.offset
			if first, _ := kept.Lookup(tp.Topic, tp.Partition); first.Offset > pos.next {
				t.log.Warn("Kafka deleted records that the job had not processed; the job continues after them",
					"topic", tp.Topic, "partition", tp.Partition, "from", pos.next, "to", first.Offset)
				t.stats.brokerGaps.Add(first.Offset - pos.next)
				pos.next = first.Offset
			}
		}
		if pos.next < 0 { // a time after the last record
			pos.next = pos.end
		}
		pos.processed, pos.begin = pos.next, pos.next
		t.parts[tp] = pos
		t.order = append(t.order, tp)
	}
	t.measureLag()
	return nil
}

// measureLag counts the offsets that are left.
func (t *Task) measureLag() {
	var lag int64
	for _, p := range t.parts {
		lag += max(0, p.end-p.processed)
	}
	t.stats.lag.Store(lag)
}
