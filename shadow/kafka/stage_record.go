package kafka

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/stage"
)

// StageRecord is the value of a record of a job's journal topic: a change of the stage of its
// migration.
type StageRecord struct {
	// Group and Generation say whose it is.
	Group      string
	Generation int64
	Change     stage.Change
}

const (
	// stageVersion is the first byte of the value, which no other record of the journal has.
	stageVersion = 2
	// mostStageBytes bounds the value.
	mostStageBytes = 64 << 10
)

// Value returns the binary form: the version, as unsigned varints the length of the group and the
// group's bytes, the generation, and then the change as JSON.
func (r *StageRecord) Value() ([]byte, error) {
	text, err := json.Marshal(&r.Change)
	if err != nil {
		return nil, err
	}
	b := binary.AppendUvarint(appendText([]byte{stageVersion}, r.Group), uint64(r.Generation))
	return append(b, text...), nil
}

// IsStageRecord reports whether a value of the journal is a change of stage.
func IsStageRecord(value []byte) bool { return len(value) > 0 && value[0] == stageVersion }

// ParseStageRecord reads the binary form.
func ParseStageRecord(value []byte) (r StageRecord, err error) {
	switch {
	case !IsStageRecord(value):
		return r, errors.New("it is not a change of stage")
	case len(value) > mostStageBytes:
		return r, fmt.Errorf("it has %d bytes, more than %d", len(value), mostStageBytes)
	}
	d := journalReader{left: value[1:], all: len(value)}
	r.Group = d.text("group")
	r.Generation = d.number("generation", 1, math.MaxInt64)
	if d.err != nil {
		return r, d.err
	}
	from := json.NewDecoder(bytes.NewReader(d.left))
	from.DisallowUnknownFields()
	if err := from.Decode(&r.Change); err != nil {
		return r, fmt.Errorf("the change of stage cannot be read: %w; if a newer program wrote it, use that one", err)
	}
	if from.More() {
		return r, errors.New("more follows the change of stage")
	}
	return r, nil
}

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
	r := StageRecord{Group: t.cfg.Group, Generation: t.generation, Change: *c}
	value, err := r.Value()
	if err != nil {
		return err
	}
	if len(value) > mostStageBytes {
		return fmt.Errorf("the change has %d bytes, and %d can be stored: give a shorter reason", len(value), mostStageBytes)
	}
	first := len(o.kept)
	o.kept = append(o.kept, &kgo.Record{Topic: t.journal.topic, Value: value, Timestamp: time.Now()})
	o.causes = append(o.causes, cause{offset: -1})
	o.recordsStage = true
	t.stats.journalBytes.Add(int64(len(value)))
	return o.produce(ctx, o.kept[first:])
}

// LastStage returns the last change of stage that committed after the place that the task began
// at; nil for none. It may be called at any time after Open.
func (t *Task) LastStage() *stage.Change { return t.lastStage }

// followStages separates the changes of stage from the other records of the journal, and notes the
// last one of the task's group and generation.
func (j *journal) followStages(t *Task, records []*kgo.Record, generation int64) (others []*kgo.Record, err error) {
	for _, one := range records {
		if !IsStageRecord(one.Value) {
			others = append(others, one)
			continue
		}
		r, err := ParseStageRecord(one.Value)
		if err != nil {
			return nil, fmt.Errorf("record %d of the journal %s cannot be read: %w; if another program wrote it, %s", one.Offset, j.topic, err, whatToDo)
		}
		if r.Group == t.cfg.Group && r.Generation == generation {
			c := r.Change
			t.lastStage = &c
		}
	}
	return others, nil
}
