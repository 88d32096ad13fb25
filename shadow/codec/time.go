package codec

import (
	"fmt"
	"time"

	"parallax/processors/datetime"
	"parallax/processors/row"
)

// clock reads times from a timestamp= column: milliseconds, or text by a pattern,
// in UTC where the pattern has no zone.
type clock struct {
	asText  bool
	pattern *datetime.Pattern
	err     error // what is wrong with the pattern, which the planner would have refused
}

// newClock returns the clock of a pattern, "" for none.
func newClock(pattern string) (c clock) {
	if c.asText = pattern != ""; c.asText {
		c.pattern, c.err = datetime.Compile(pattern)
	}
	return c
}

// read returns what a column's value, which is not NULL, says: a text, or ms.
func (c clock) read(text string, ms int64) (int64, error) {
	switch {
	case !c.asText:
		return ms, nil
	case c.err != nil:
		return 0, c.err
	}
	t, ok := c.pattern.Parse(text, time.UTC)
	if !ok {
		return 0, fmt.Errorf("%q is not as timestamp_format has it", text)
	}
	return t.UnixMilli(), nil
}

// sinkTime gives the rows of a sink their record timestamps.
type sinkTime struct {
	clock
	name   string
	column int
}

func newSinkTime(s *row.Sink) *sinkTime {
	if s.Time == nil {
		return nil
	}
	return &sinkTime{newClock(s.Time.Format), s.Values[s.Time.Column].Name, s.Time.Column}
}

// of returns a row's time; an error where it has none that a record can have.
func (t *sinkTime) of(c *row.Change) (int64, error) {
	if t == nil || c.Deleted() {
		return c.Timestamp, nil
	}
	v := c.Values[t.column]
	if v.IsNull() {
		return 0, fmt.Errorf("the row's timestamp column %s is NULL", t.name)
	}
	at, err := t.read(v.Str(), v.Int64())
	switch {
	case err != nil:
		return 0, fmt.Errorf("the row's timestamp column %s: %w", t.name, err)
	case at < 0:
		return 0, fmt.Errorf("the row's timestamp column %s (%d) is negative", t.name, at)
	}
	return at, nil
}
