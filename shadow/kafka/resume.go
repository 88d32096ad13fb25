package kafka

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"

	"parallax/processors/row"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka/cluster"
)

// Committed has the offsets that the job's group has committed, and their note.
type Committed struct {
	// Generation is the generation that the job continues or begins.
	Generation int64
	// Offsets are the next offsets of the source topics. They are empty if the group has no
	// offsets.
	Offsets map[row.TopicPartition]int64
	// Note is the note on the offsets; the zero value if there are none.
	Note Note

	epochs map[row.TopicPartition]int32
}

// whatToDo is the end of the errors that refuse to continue a group.
const whatToDo = "run it with --from-start (and --append to keep what is in the output topics), or with another group and other output topics"

// resumeFrom returns the group's committed offsets and the place to continue from, nil to continue
// from the offsets. It refuses to continue if the results would be wrong.
func (t *Task) resumeFrom(ctx context.Context) (Committed, *ingest.Place, error) {
	offsets, err := t.member.committed(ctx)
	if err != nil {
		return Committed{}, nil, err
	}
	at, err := t.committedBy(offsets)
	if err != nil {
		return at, nil, err
	}
	t.generation = at.Generation
	var place *ingest.Place
	if t.opt.Resume != nil {
		if place, err = t.opt.Resume(at); err != nil {
			return at, nil, err
		}
	}
	switch {
	case place != nil:
		err = t.mayContinue(at, place)
	case len(at.Offsets) == 0:
		err = t.mayBegin(ctx)
	case t.opt.Stateful:
		err = fmt.Errorf("group %s has committed offsets, and the job has state that was lost when it last stopped: to continue would emit wrong aggregates; "+whatToDo, t.cfg.Group)
	}
	return at, place, err
}

// committedBy reads the notes on the group's offsets. Each offset must have the same note of
// Parallax: otherwise the offsets are not from one commit of this job.
func (t *Task) committedBy(offsets map[row.TopicPartition]committedAt) (Committed, error) {
	at := Committed{
		Generation: max(t.generation, t.opt.Generation, 1),
		Offsets:    map[row.TopicPartition]int64{}, epochs: map[row.TopicPartition]int32{},
	}
	var first row.TopicPartition
	for _, tp := range t.member.topicPartitions() {
		one, ok := offsets[tp]
		if !ok {
			continue
		}
		note, err := ParseNote(one.note)
		if err != nil {
			return at, fmt.Errorf("group %s has offset %d of %s/%d, and %w: this job did not commit it, or the offset was set by hand, so what was processed is not known; "+whatToDo,
				t.cfg.Group, one.offset, tp.Topic, tp.Partition, err)
		}
		switch {
		case len(at.Offsets) == 0:
			first, at.Note, at.Generation = tp, note, note.Generation
		case note != at.Note:
			return at, fmt.Errorf("group %s has offset %d of %s/%d and offset %d of %s/%d from different commits (%v; %v): some of them were set by hand, so what was processed is not known; "+whatToDo,
				t.cfg.Group, at.Offsets[first], first.Topic, first.Partition, one.offset, tp.Topic, tp.Partition, at.Note, note)
		}
		at.Offsets[tp], at.epochs[tp] = one.offset, one.epoch
	}
	if at.Note.Finished {
		return at, fmt.Errorf("group %s is finished: its windows were flushed at %s/%d@%d; run it again with --from-start (and --append to keep what is in the output topics), or with another group and other output topics",
			t.cfg.Group, first.Topic, first.Partition, at.Offsets[first])
	}
	return at, nil
}

// mayBegin refuses a group without offsets if an output topic has rows: the job would write the
// rows again that another group or another job has written. --append allows it.
func (t *Task) mayBegin(ctx context.Context) error {
	if t.opt.FromStart || t.opt.Append || t.opt.NoOutput {
		return nil // --from-start has looked before it forgot the offsets
	}
	for _, s := range t.out.sinks {
		if !s.existed {
			continue
		}
		switch hasRows, err := t.hasRows(ctx, s.topic); {
		case err != nil:
			return err
		case hasRows:
			return fmt.Errorf("group %s has no offsets yet, and output topic %s is not empty: the job would start at the beginning of its input, and its rows would be written a second time; delete the topic, name the group that wrote it, or use --from-start --append to add to it",
				t.cfg.Group, s.topic)
		}
	}
	return nil
}

// mayContinue refuses a place that does not fit the present topics, or from which the committed
// offsets cannot be reached.
func (t *Task) mayContinue(at Committed, place *ingest.Place) error {
	for i := range place.Parts {
		part := &place.Parts[i]
		source, ok := t.member.sources[part.Topic]
		switch id := topicID(source); {
		case !ok:
			return fmt.Errorf("the checkpoint has offsets of topic %s, which the job does not read any more; "+whatToDo, part.Topic)
		case part.TopicID != "" && id != "" && part.TopicID != id:
			return fmt.Errorf("topic %s was deleted and created again since the checkpoint (its id was %s and is %s): the checkpoint's offsets stand for records that are gone; "+whatToDo,
				part.Topic, part.TopicID, id)
		case part.Partition >= source.Partitions:
			return fmt.Errorf("topic %s has %d partitions, and the checkpoint has offsets of partition %d: records of the checkpoint are gone; "+whatToDo,
				part.Topic, source.Partitions, part.Partition)
		}
	}
	for _, tp := range t.member.topicPartitions() {
		if _, isCommitted := at.Offsets[tp]; isCommitted && place.Part(tp) == nil {
			return fmt.Errorf("group %s has committed an offset of %s/%d, which the checkpoint at position %d does not have: the checkpoint was changed, or the job stopped before the first one after the topic got more partitions; "+whatToDo,
				t.cfg.Group, tp.Topic, tp.Partition, place.Position)
		}
	}
	switch {
	case len(at.Offsets) == 0 || place.Position < at.Note.Position:
		return nil
	case place.Position > at.Note.Position:
		return fmt.Errorf("the checkpoint is at position %d, and group %s has committed only up to position %d: its offsets were set by hand, or commits were lost with a broker; "+whatToDo,
			place.Position, t.cfg.Group, at.Note.Position)
	}
	moved := at.differs(place)
	for tp, offset := range at.Offsets {
		if part := place.Part(tp); part != nil && part.Next != offset {
			moved = fmt.Sprintf("the offset of %s/%d is %d, and the checkpoint's is %d", tp.Topic, tp.Partition, offset, part.Next)
		}
	}
	if moved != "" {
		return fmt.Errorf("the offsets of group %s do not fit the checkpoint at the same position %d (%s): they were set by hand; "+whatToDo, t.cfg.Group, place.Position, moved)
	}
	return nil
}

// differs returns how a place differs from the note on the same position, "" if it does not.
func (c Committed) differs(place *ingest.Place) string {
	switch {
	case place.Position != c.Note.Position:
		return fmt.Sprintf("the position is %d, want %d", place.Position, c.Note.Position)
	case place.Order != c.Note.Order:
		return fmt.Sprintf("the hash of the records' order is %v, want %v", place.Order, c.Note.Order)
	case place.Watermark != c.Note.Watermark:
		return fmt.Sprintf("the watermark is %s, want %s", watermarkText(place.Watermark), watermarkText(c.Note.Watermark))
	}
	return ""
}

// putInOrder creates the sequencer and moves it and the output to the place where the task begins.
func (t *Task) putInOrder(at Committed, place *ingest.Place, followed ingest.Journal) error {
	t.sequencer = ingest.NewSequencer(t.plan.Sources)
	for _, tp := range t.order {
		t.sequencer.Add(tp)
	}
	if t.journal != nil && t.opt.Stateful {
		t.sequencer.KeepJournal()
	}
	begin, note := place, at.Note
	if begin == nil { // the position and the order go on; time begins again
		begin = &ingest.Place{Position: note.Position, Order: note.Order, Watermark: row.NoWatermark, Now: -1}
	}
	if err := t.sequencer.Restore(*begin); err != nil {
		return fmt.Errorf("restore the checkpoint's place in the input: %w", err)
	}
	for tp, p := range t.parts {
		t.sequencer.Begin(tp, p.next)
	}
	switch {
	case len(at.Offsets) == 0, place != nil && t.opt.NoOutput:
		note.Position, note.Order, note.Watermark = begin.Position, begin.Order, begin.Watermark
	case t.replays(at, place):
		t.startReplay(at, place)
		if err := t.sequencer.Follow(followed); err != nil {
			return err
		}
	}
	t.out.begin(t.parts, note)
	return nil
}

// Place returns the place in the input after the last batch that Next returned. It is called by
// the goroutine that calls Next.
func (t *Task) Place() ingest.Place {
	place := t.sequencer.Place()
	for i := range place.Parts {
		part := &place.Parts[i]
		part.TopicID = topicID(t.member.sources[part.Topic])
	}
	if place.Journal = -1; t.journal != nil {
		place.Journal = t.journal.next.Load()
	}
	return place
}

// Generation returns how often the group was started from the beginning, 1 for the first time.
func (t *Task) Generation() int64 { return t.generation }

// Incarnation identifies this process among those that worked on the generation.
func (t *Task) Incarnation() string { return t.out.run }

// topicID returns a topic's id, "" if the broker has none.
func topicID(s cluster.Source) string {
	if s.ID == (kadm.TopicID{}) {
		return ""
	}
	return s.ID.String()
}
