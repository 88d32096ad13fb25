package kafka

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// Note describes the offsets of a commit: it is written with them, as their metadata. The text form is
//
//	parallax/1 generation=2 run=9f86d081884c txn=17 position=40960 watermark=1700000000000 order=0f3a…
//
// with " finished" at the end after a flush, and "watermark=none" before there is one.
type Note struct {
	// Generation counts from the group's first start: each start from the beginning begins the
	// next one. Incarnation is the process that committed, Transaction the number of the commit
	// in it.
	Generation  int64
	Incarnation string
	Transaction int64
	// Position is the number of records of this generation before the offsets, Watermark the
	// task's after the last of them (row.NoWatermark for none), and Order the hash of their order.
	Position  int64
	Watermark int64
	Order     ingest.OrderHash
	// Finished: the windows were flushed. Nothing can continue from there.
	Finished bool
}

const (
	noteProduct = "parallax/"
	// noteVersion is raised when the fields change or their meaning.
	noteVersion = 1
	// mostNote is the largest size that brokers accept by default (offset.metadata.max.bytes).
	mostNote = 4096
	// longestIncarnation bounds the one field whose length is not bounded by its type.
	longestIncarnation = 64
)

// String returns the text form.
func (n Note) String() string {
	text := fmt.Sprintf("%s%d generation=%d run=%s txn=%d position=%d watermark=%s order=%v",
		noteProduct, noteVersion, n.Generation, n.Incarnation, n.Transaction, n.Position, watermarkText(n.Watermark), n.Order)
	if n.Finished {
		text += " finished"
	}
	return text
}

// errForeignNote says that a text is not a note.
var errForeignNote = errors.New("it has no note of parallax")

// ParseNote reads the text form, and refuses any other text.
func ParseNote(text string) (Note, error) {
	rest, ok := strings.CutPrefix(text, noteProduct)
	if !ok {
		return Note{}, errForeignNote
	}
	if len(text) > mostNote {
		return Note{}, fmt.Errorf("its note has %d bytes, more than %d", len(text), mostNote)
	}
	version, rest, _ := strings.Cut(rest, " ")
	switch v, err := strconv.Atoi(version); {
	case err != nil || v < 1:
		return Note{}, fmt.Errorf("its note has version %s", row.Excerpt(version))
	case v > noteVersion:
		return Note{}, fmt.Errorf("its note has version %d, and this program reads versions up to %d: use the newer program that wrote it", v, noteVersion)
	}
	n, err := parseFields(strings.Split(rest, " "))
	if err == nil && n.String() != text { // another way to write the same
		err = errors.New("it is not as parallax writes it")
	}
	if err != nil {
		return Note{}, fmt.Errorf("its note %s cannot be read: %w", row.Excerpt(text), err)
	}
	return n, nil
}

func parseFields(fields []string) (n Note, err error) {
	names := []string{"generation", "run", "txn", "position", "watermark", "order"}
	if n.Finished = len(fields) == len(names)+1 && fields[len(names)] == "finished"; n.Finished {
		fields = fields[:len(names)]
	}
	if len(fields) != len(names) {
		return n, fmt.Errorf("it has %d fields, want %d", len(fields), len(names))
	}
	values := make([]string, len(names))
	for i, name := range names {
		value, ok := strings.CutPrefix(fields[i], name+"=")
		if !ok {
			return n, fmt.Errorf("field %d is not %s", i+1, name)
		}
		values[i] = value
	}
	n.Incarnation = values[1]
	if n.Incarnation == "" || len(n.Incarnation) > longestIncarnation {
		return n, fmt.Errorf("run has %d characters", len(n.Incarnation))
	}
	for _, number := range []struct {
		to    *int64
		at    int
		least int64
	}{{&n.Generation, 0, 1}, {&n.Transaction, 2, 0}, {&n.Position, 3, 0}, {&n.Watermark, 4, 0}} {
		if number.at == 4 && values[4] == "none" {
			n.Watermark = row.NoWatermark
			continue
		}
		if *number.to, err = strconv.ParseInt(values[number.at], 10, 64); err != nil || *number.to < number.least {
			return n, fmt.Errorf("%s is %s", names[number.at], row.Excerpt(values[number.at]))
		}
	}
	return n, n.Order.UnmarshalText([]byte(values[5]))
}
