package kafka

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// begin finds the end of the journal, and reads what a replay needs. The task has taken its producer
// epoch, so the open transaction of an earlier process is aborted, and that process can write nothing more.
func (j *journalTopic) begin(ctx context.Context, t *Task, at Committed, place *ingest.Place) (followed ingest.Journal, err error) {
	if j == nil {
		return followed, nil
	}
	var first, end int64
	if j.existed { // else the brokers may not know it yet
		if first, end, err = t.member.Span(ctx, j.topic); err != nil {
			return followed, fmt.Errorf("journal topic: %w", err)
		}
	}
	j.next.Store(end)
	replays := t.replays(at, place)
	if !replays && !t.opt.Stages {
		return followed, nil
	}
	from := int64(-1)
	if place != nil {
		from = place.Journal
	}
	if from < 0 { // the job kept no journal then
		from = first
	}
	switch {
	case from < first:
		return followed, fmt.Errorf("the checkpoint needs the journal %s from offset %d on, to repeat the order of what had been processed after it, and Kafka deleted the records before offset %d: set the topic's retention.ms to more than state.interval and the longest time that the job may be stopped; then %s",
			j.topic, from, first, whatToDo)
	case from > end:
		return followed, fmt.Errorf("the checkpoint needs the journal %s from offset %d on, to repeat the order of what had been processed after it, and the topic ends at offset %d: it was deleted and created again, or lost records with a broker; %s",
			j.topic, from, end, whatToDo)
	}
	var records []*kgo.Record
	whole := reading{topic: j.topic, log: t.log, most: t.cfg.Patience, reach: t.member.CheckReach, read: func(ctx context.Context, arrived func()) error {
		return t.member.Read(ctx, j.topic, map[int32]int64{0: from}, map[int32]int64{0: end}, func(r *kgo.Record) bool {
			arrived()
			records = append(records, r)
			return true
		}, kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	}}
	err = whole.await(ctx)
	if err != nil {
		return followed, fmt.Errorf("journal topic: %w", err)
	}
	if records, err = j.followStages(t, records, at.Generation); err != nil || !replays {
		return followed, err
	}
	return j.between(t, records, at, place)
}

// between joins the records of the group's generation that lie between a place and what has committed.
func (j *journalTopic) between(t *Task, records []*kgo.Record, at Committed, place *ingest.Place) (joined ingest.Journal, err error) {
	var last int64
	parts := map[row.TopicPartition]int32{}
	for _, tp := range t.member.topicPartitions() {
		parts[tp] = int32(len(joined.Parts))
		joined.Parts = append(joined.Parts, tp)
	}
	for _, one := range records {
		r, err := j.codec.Parse(one.Value)
		if err != nil {
			return joined, fmt.Errorf("record %d of the journal %s cannot be read: %w; if another program wrote it, %s", one.Offset, j.topic, err, whatToDo)
		}
		if r.Group != t.cfg.Group || r.Generation != at.Generation || r.To <= place.Position || r.From >= at.Note.Position {
			continue
		}
		if r.From < last || r.To > at.Note.Position {
			return joined, fmt.Errorf("record %d of the journal %s is of positions %d to %d, and does not fit the one before, or position %d, which group %s has committed: the group's offsets were set by hand, or the state directory is an older copy; %s",
				one.Offset, j.topic, r.From, r.To, at.Note.Position, t.cfg.Group, whatToDo)
		}
		last = r.To
		index := make([]int32, len(r.Journal.Parts))
		for i, tp := range r.Journal.Parts {
			part, ok := parts[tp]
			if !ok {
				return joined, fmt.Errorf("record %d of the journal %s has topic-partition %s/%d, which the job does not read; %s", one.Offset, j.topic, tp.Topic, tp.Partition, whatToDo)
			}
			index[i] = part
		}
		for i := range r.Journal.Runs {
			r.Journal.Runs[i].Part = index[r.Journal.Runs[i].Part]
		}
		for i := range r.Journal.Departures {
			r.Journal.Departures[i].Part = index[r.Journal.Departures[i].Part]
		}
		joined.Append(&r.Journal)
	}
	return joined, nil
}
