package kafka

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"parallax/processors/row"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka/cluster"
)

// replay is the input between the place at which the task began and the group's committed offsets.
// Its batches are processed to rebuild the state: their rows have committed before.
type replay struct {
	from int64 // a position
	to   Committed
}

// replays reports whether the job must replay: it continues from a place before what has
// committed. A job that writes nothing continues from the place itself.
func (t *Task) replays(at Committed, place *ingest.Place) bool {
	return place != nil && !t.opt.NoOutput && len(at.Offsets) > 0 && place.Position < at.Note.Position
}

// startReplay stops the input at the committed offsets, until the order up to there is checked.
func (t *Task) startReplay(at Committed, place *ingest.Place) {
	t.replay = &replay{from: place.Position, to: at}
	t.replaying.Store(true)
	t.sequencer.StopAt(at.Offsets, at.Note.Position)
	t.log.Info("the job replays what was processed after the checkpoint", "records", at.Note.Position-place.Position)
}

// isReplayed reports whether a batch's rows have committed before.
func (t *Task) isReplayed(b *row.Batch) bool {
	return t.replay != nil && b.First < t.replay.to.Note.Position
}

// IsReplaying reports whether the next batch is one that is replayed. It is called by the
// goroutine of Next.
func (t *Task) IsReplaying() bool {
	return t.replaying.Load() && t.sequencer.Position() < t.replay.to.Note.Position
}

// Replaying returns how many records of how many have been replayed, and whether the replay is
// still going on. Without one both numbers are 0. It may be called at any time.
func (t *Task) Replaying() (done, total int64, isGoingOn bool) {
	if t.replay == nil {
		return 0, 0, false
	}
	return t.replayed.Load(), t.replay.to.Note.Position - t.replay.from, t.replaying.Load()
}

// endReplay checks that the same records were replayed in the same order as before, and lets the
// input continue.
func (t *Task) endReplay(ctx context.Context) error {
	place := t.sequencer.Place()
	at := t.replay.to
	how := at.differs(&place)
	for _, tp := range t.order {
		if end, part := at.Offsets[tp], place.Part(tp); how == "" && part.Next < end {
			how = fmt.Sprintf("%s/%d is at offset %d, want %d", tp.Topic, tp.Partition, part.Next, end)
		}
	}
	if how == "" {
		t.sequencer.Resume()
		t.replaying.Store(false)
		for _, p := range t.parts {
			p.lastData = time.Now() // what was replayed says nothing of who is idle now
		}
		t.log.Info("the replay is over; the job continues", "records", t.replayed.Load())
		return nil
	}
	why, err := t.whyOtherwise(ctx, &place)
	if err != nil {
		why = fmt.Sprintf("the cause is not known (%v)", err)
	}
	return fmt.Errorf("the input after the checkpoint at position %d is not what it was when group %s committed position %d (%s): %s; nothing of it was written. "+
		"To process the input as it is now, %s", t.replay.from, t.cfg.Group, at.Note.Position, how, why, whatToDo)
}

// whyOtherwise returns the likely reason why a replay ended at another place.
func (t *Task) whyOtherwise(ctx context.Context, place *ingest.Place) (string, error) {
	at := t.replay.to
	if place.Position < at.Note.Position { // records are missing
		if why, err := t.whyMissing(ctx, at); why != "" || err != nil {
			return why, err
		}
	}
	isAtEnds := true
	for tp, end := range at.Offsets {
		if part := place.Part(tp); part != nil && part.Next < end {
			isAtEnds = false
		}
	}
	if isAtEnds && place.Position == at.Note.Position && len(at.Offsets) > 1 {
		why := "as many records came, in another order or with another watermark: the group's offsets were set by hand"
		if t.journal != nil {
			why += fmt.Sprintf(", or records of the journal %s are missing, as where the topic was deleted", t.journal.topic)
		}
		return why, nil
	}
	return "the group's offsets were set by hand", nil
}

// whyMissing returns the likely reason why records are missing, "" if it is not known.
func (t *Task) whyMissing(ctx context.Context, at Committed) (string, error) {
	topics, err := t.member.Describe(ctx, t.member.topics...)
	if err != nil {
		return "", err
	}
	for _, topic := range t.member.topics {
		if s := topics[topic]; s.Compacts {
			return fmt.Sprintf("Kafka removed records of topic %s that had been processed; %s", topic, keepLonger(s)), nil
		}
	}
	for _, tp := range t.order {
		if end := t.parts[tp].end; end < at.Offsets[tp] {
			return fmt.Sprintf("topic-partition %s/%d ends at offset %d, and offset %d is committed: Kafka lost records, as after an unclean leader election", tp.Topic, tp.Partition, end, at.Offsets[tp]), nil
		}
	}
	return "", nil
}

// deletedError says that Kafka deleted records that the state needs.
func (t *Task) deletedError(ctx context.Context, tp row.TopicPartition, needed, first int64) error {
	topics, err := t.member.Describe(ctx, tp.Topic)
	if err != nil {
		return err
	}
	return fmt.Errorf("the checkpoint needs %s/%d from offset %d on, to process again what had been processed after it, and Kafka deleted the records before offset %d; %s; then %s",
		tp.Topic, tp.Partition, needed, first, keepLonger(topics[tp.Topic]), whatToDo)
}

// keepLonger returns the advice which settings a source topic needs.
func keepLonger(s cluster.Settings) string {
	if s.Compacts {
		return fmt.Sprintf("it has cleanup.policy=compact: set its min.compaction.lag.ms (now %d) to more than state.interval and the longest time that the job may be stopped", s.CompactionLag.Milliseconds())
	}
	now := "no limit"
	if s.Keeps > 0 {
		now = strconv.FormatInt(s.Keeps.Milliseconds(), 10)
	}
	return fmt.Sprintf("set the topic's retention.ms (now %s) and retention.bytes so that it keeps records for more than state.interval and the longest time that the job may be stopped", now)
}

// watermarkText formats a watermark for a message.
func watermarkText(ms int64) string {
	if ms == row.NoWatermark {
		return "none"
	}
	return strconv.FormatInt(ms, 10)
}
