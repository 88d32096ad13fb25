package records

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"parallax/diff"
	"parallax/processors/row"
)

// longestLine is how many bytes a line may have.
const longestLine = 64 << 20

// file is one of the two compared files, as changes.
type file struct {
	side    diff.Side
	bytes   []byte // all of it
	changes []row.Change
	// ordinals number the rows of one cause and identity.
	ordinals map[string]uint32
}

// pairing reads both files into changes of the same topics and causes.
type pairing struct {
	topics  []*topic // by query
	byTopic map[string]int
	causes  []diff.Cause
	places  map[diff.Cause]int32 // of a cause in causes
	files   int                  // that were read
	values  valueReader
}

// read reads the next file. It stops between two lines when ctx ends.
func (p *pairing) read(ctx context.Context, in io.Reader, name string) (*file, error) {
	f := &file{side: diff.Side(p.files), ordinals: map[string]uint32{}}
	p.files++
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	lines.Split(splitLines)
	n := 0
	for lines.Scan() {
		n++
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		text := lines.Bytes()
		f.bytes = append(f.bytes, text...)
		if n == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff")) // a byte order mark
		}
		if text = row.TrimJSON(text); len(text) == 0 {
			continue
		}
		if err := p.add(f, n, text); err != nil {
			return nil, fmt.Errorf("%s:%d: not an output record: %w", name, n, err)
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("%s:%d: the line is longer than %d MiB", name, n+1, longestLine>>20)
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// splitLines is bufio.ScanLines, but keeps the end of a line.
func splitLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// add adds line n of a file.
func (p *pairing) add(f *file, n int, text []byte) error {
	l, err := parseLine(text, &p.values)
	if err != nil {
		return err
	}
	q, ok := p.byTopic[l.topic]
	if !ok {
		q = len(p.topics)
		if p.byTopic == nil {
			p.byTopic = map[string]int{}
		}
		if q > math.MaxUint16 {
			return fmt.Errorf("the files have more than %d topics", q)
		}
		p.byTopic[l.topic] = q
		p.topics = append(p.topics, newTopic(l.topic))
	}
	t := p.topics[q]
	c := row.Change{Query: uint16(q), Cause: -1, Position: math.MaxInt64}
	if l.timestamp != nil {
		c.Timestamp = *l.timestamp
	}
	if l.window != nil {
		c.WindowStart, c.WindowEnd = l.window.start, l.window.end
	}
	if l.cause != nil {
		c.Cause = p.place(*l.cause)
		c.Position = int64(c.Cause)
	}
	if err := t.checkShape(f.side, n, &l); err != nil {
		return err
	}
	if c.Key, err = t.arrangeKey(f.side, n, l.key); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if l.value != nil {
		if c.Values, err = t.arrangeValue(l.value); err != nil {
			return fmt.Errorf("value: %w", err)
		}
	}
	c.Ordinal = f.nextOrdinal(&c)
	f.changes = append(f.changes, c)
	return nil
}

// nextOrdinal distinguishes rows of one cause and identity.
func (f *file) nextOrdinal(c *row.Change) uint32 {
	place := fmt.Appendf(nil, "%d %d %d %d ", c.Query, c.Position, c.WindowStart, c.WindowEnd)
	place = row.AppendKey(place, c.Key...)
	n := f.ordinals[string(place)]
	f.ordinals[string(place)] = n + 1
	return n
}

// place numbers causes in order of first appearance.
func (p *pairing) place(c diff.Cause) int32 {
	if p.places == nil {
		p.places = map[diff.Cause]int32{}
	}
	i, ok := p.places[c]
	if !ok {
		i = int32(len(p.causes))
		p.places[c] = i
		p.causes = append(p.causes, c)
	}
	return i
}

// records returns the records at the positions of the causes.
func (p *pairing) records() []row.Record {
	list := make([]row.Record, len(p.causes))
	for i, c := range p.causes {
		list[i] = row.Record{TopicPartition: row.TopicPartition{Topic: c.Topic, Partition: c.Partition}, Offset: c.Offset, Watermark: row.NoWatermark}
	}
	return list
}

// align gives both files' rows the same columns in the same order.
func (p *pairing) align(one, two *file) []*row.Sink {
	sinks := make([]*row.Sink, len(p.topics))
	for q, t := range p.topics {
		sinks[q] = t.align()
	}
	for _, f := range []*file{one, two} {
		for i := range f.changes {
			c := &f.changes[i]
			t := p.topics[c.Query]
			c.Key = t.alignKey(f.side, c.Key)
			if !c.Deleted() {
				for len(c.Values) < len(t.columns) {
					c.Values = append(c.Values, diff.Absent)
				}
			}
		}
	}
	return sinks
}

// firstDifferentLine is the number of the first line in which two texts differ; 0
// where they are the same.
func firstDifferentLine(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	n := min(len(a), len(b))
	same := 0
	for same < n && a[same] == b[same] {
		same++
	}
	return 1 + bytes.Count(a[:same], []byte{'\n'})
}
