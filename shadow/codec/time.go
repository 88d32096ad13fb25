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
		return 0, fmt.Errorf("%q is not as timestamp_format has it", row.Shorten(text))
	}
	return t.UnixMilli(), nil
}
