package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

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
	// MostStageBytes is the largest size of the value.
	MostStageBytes = 64 << 10
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
	case len(value) > MostStageBytes:
		return r, fmt.Errorf("it has %d bytes, more than %d", len(value), MostStageBytes)
	}
	d := reader{left: value[1:], all: len(value)}
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
