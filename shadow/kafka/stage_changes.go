package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/kafka/journal"
	"parallax/shadow/stage"
)

// RecordsStages reports whether the task stores changes of stage.
func (t *Task) RecordsStages() bool { return t.journal != nil && t.opt.Stages }

// RecordStage adds a change of stage to the open transaction, after what was emitted, and sets
// its Position. It is called by the goroutine of Emit and Commit.
func (t *Task) RecordStage(ctx context.Context, c *stage.Change) error {
	if err := t.isLost(); err != nil {
		return err
	}
	if !t.RecordsStages() {
		return errors.New("the job has no journal that could store it; it needs the section migration, and emit: true")
	}
	o := t.out
	c.Position = o.position
	r := journal.StageRecord{Group: t.cfg.Group, Generation: t.generation, Change: *c}
	value, err := r.Value()
	if err != nil {
		return err
	}
	if len(value) > journal.MostStageBytes {
		return fmt.Errorf("the change has %d bytes, and %d can be stored: give a shorter reason", len(value), journal.MostStageBytes)
	}
	first := len(o.kept)
	o.kept = append(o.kept, &kgo.Record{Topic: t.journal.topic, Value: value, Timestamp: time.Now()})
	o.causes = append(o.causes, cause{offset: -1})
	o.recordsStage = true
	t.stats.journalBytes.Add(int64(len(value)))
	return o.produce(ctx, o.kept[first:])
}

// Stages returns the changes of stage that committed after the place that the task began at, the
// oldest first. It may be called at any time after Open.
func (t *Task) Stages() []stage.Change { return t.stages }

// followStages separates the changes of stage from the other records of the journal, and notes those
// of the task's group and generation.
func (j *journalTopic) followStages(t *Task, records []*kgo.Record, generation int64) (others []*kgo.Record, err error) {
	for _, one := range records {
		if !journal.IsStageRecord(one.Value) {
			others = append(others, one)
			continue
		}
		r, err := journal.ParseStageRecord(one.Value)
		if err != nil {
			return nil, fmt.Errorf("record %d of the journal %s cannot be read: %w; if another program wrote it, %s", one.Offset, j.topic, err, whatToDo)
		}
		if r.Group == t.cfg.Group && r.Generation == generation {
			t.stages = append(t.stages, r.Change)
		}
	}
	return others, nil
}
