package opinion

import (
	"bytes"
	"context"
	"fmt"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// Judge compares outcomes byte by byte. It holds the bytes of one row of each side at a
// time. Use it on one goroutine.
type Judge struct {
	sinks []*row.Sink
	sides [2]side
	// redact returns what is shown of a row; nil for all of it.
	redact func(string) string
}

// side encodes the rows of one side. Each side has its own encoders and memory, separate
// from those of V1's output.
type side struct {
	encoders []*codec.Encoder
	bytes    []byte
}

// Options say what is compared in addition to rows and dead letters.
type Options struct {
	// Dispositions: compare the dispositions of records.
	Dispositions bool
}

// New returns a Judge of the outcomes of a plan with these sinks, by query. ctx is for the
// constructors of the sinks' encoders.
func New(ctx context.Context, sinks []*row.Sink) (*Judge, error) {
	j := &Judge{sinks: sinks}
	for i := range j.sides {
		var err error
		if j.sides[i].encoders, err = codec.NewEncoders(ctx, sinks); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// keptBytes limits the memory that is kept from one row to the next.
const keptBytes = 1 << 20

// Difference describes the first difference between two outcomes for a batch: in rows, in
// the order of the outcomes, then in dead letters, then in dispositions. It is "" if there
// is none.
func (j *Judge) Difference(v1, v2 *row.Outcome, opt Options) string {
	for i := range min(len(v1.Changes), len(v2.Changes)) {
		a, b := &v1.Changes[i], &v2.Changes[i]
		one, two := j.encode(0, a), j.encode(1, b)
		if !bytes.Equal(one, two) {
			return fmt.Sprintf("row %d: V1 has %s, V2 has %s", i, j.describe(a), j.describe(b))
		}
	}
	switch n, m := len(v1.Changes), len(v2.Changes); {
	case n > m:
		return fmt.Sprintf("row %d: V1 has %s, V2 has none", m, j.describe(&v1.Changes[m]))
	case m > n:
		return fmt.Sprintf("row %d: V1 has none, V2 has %s", n, j.describe(&v2.Changes[n]))
	}
	if d := refusedDifference(v1.DeadLetters, v2.DeadLetters); d != "" {
		return d
	}
	if opt.Dispositions {
		for i, d := range v1.Dispositions {
			if i >= len(v2.Dispositions) || v2.Dispositions[i] != d {
				return fmt.Sprintf("the disposition of record %d", i)
			}
		}
	}
	return ""
}

func refusedDifference(v1, v2 []row.DeadLetter) string {
	for i := range max(len(v1), len(v2)) {
		if i >= len(v1) || i >= len(v2) || v1[i].Record != v2[i].Record || v1[i].Reason != v2[i].Reason {
			return fmt.Sprintf("dead letter %d: V1 has %d, V2 has %d, or they differ", i, len(v1), len(v2))
		}
	}
	return ""
}

// encode returns the bytes of a row, valid until the side's next row.
func (j *Judge) encode(of int, c *row.Change) []byte {
	s := &j.sides[of]
	if cap(s.bytes) > keptBytes {
		s.bytes = nil
	}
	s.bytes = s.append(s.bytes[:0], j.sinks, c)
	return s.bytes
}
