package codec

import (
	"errors"
	"fmt"
	"time"

	"parallax/processors/datetime"
	"parallax/processors/row"
)

// clock reads times from a timestamp= column: numbers since the epoch, or text by a
// pattern, in UTC where the pattern has no zone.
type clock struct {
	asText  bool
	pattern *datetime.Pattern
	err     error // of the pattern; the planner refuses invalid ones
	unit    row.TimeUnit
	path    []int // to a field inside a STRUCT
}

func newClock(src *row.Source) clock {
	c := clock{unit: src.TimestampUnit, path: src.TimestampPath}
	if c.asText = src.TimestampFormat != ""; c.asText {
		c.pattern, c.err = datetime.Compile(src.TimestampFormat)
	}
	return c
}

// isPlain reports whether the column itself is event time in milliseconds.
func (c *clock) isPlain() bool {
	return !c.asText && c.unit == row.Milliseconds && len(c.path) == 0
}

var errNoTime = errors.New("the timestamp column is NULL")

// read returns the time in row i of a column, in ms.
func (c *clock) read(column *row.Vector, i int) (int64, error) {
	if !column.Valid(i) {
		return 0, errNoTime
	}
	if len(c.path) > 0 {
		v := column.Value(i)
		for _, field := range c.path {
			if v = v.Elements()[field]; v.IsNull() {
				return 0, errNoTime
			}
		}
		if c.asText {
			return c.parse(v.Str())
		}
		return c.millis(v.Int64())
	}
	if c.asText {
		return c.parse(column.Str(i))
	}
	return c.millis(column.Int64(i))
}

func (c *clock) millis(n int64) (int64, error) {
	ms, ok := c.unit.Millis(n)
	if !ok {
		return 0, fmt.Errorf("the timestamp column: %d seconds are out of range", n)
	}
	return ms, nil
}

func (c *clock) parse(text string) (int64, error) {
	if c.err != nil {
		return 0, fmt.Errorf("the timestamp column: %w", c.err)
	}
	t, ok := c.pattern.Parse(text, time.UTC)
	if !ok {
		return 0, fmt.Errorf("the timestamp column: %q does not match timestamp_format", row.Shorten(text))
	}
	return t.UnixMilli(), nil
}
