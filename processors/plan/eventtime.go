package plan

import (
	"strconv"
	"strings"
	"time"

	"parallax/processors/datetime"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// columnNamed finds what TIMESTAMP names; wrong says that there is no such column.
func columnNamed(columns []row.Column, v string) (index int, wrong string) {
	var names []string
	for i, c := range columns {
		if c.Name == strings.ToUpper(v) || c.Name == v {
			return i, ""
		}
		names = append(names, c.Name)
	}
	wrong = "unknown column " + strconv.Quote(v)
	if near := sql.Nearest(strings.ToUpper(v), names); near != "" {
		wrong += ": did you mean " + near + "?"
	}
	return -1, wrong
}

// timestampColumn makes a declared column the source's event time.
func timestampColumn(t *withTarget, v string) (wrong string) {
	t.source.Timestamp, wrong = columnNamed(t.source.Columns, v)
	return wrong
}

// sinkTimestamp keeps what the column is called that rows have their time from:
// which that is is known when the query is planned.
func sinkTimestamp(t *withTarget, v string) string {
	t.timeColumn = v
	if v == "" {
		return "the name is empty"
	}
	return ""
}

// timestampFormat keeps a pattern of Java's.
func timestampFormat(t *withTarget, v string) string {
	if _, err := datetime.Compile(v); err != nil {
		return err.Error()
	}
	t.timeFormat = v
	return ""
}

// checkTime holds a timestamp= column, -1 for none, to its type and its
// timestamp_format.
func (b *builder) checkTime(t *withTarget, columns []row.Column, column int) error {
	format, formatted := t.given["TIMESTAMP_FORMAT"]
	if column < 0 {
		if formatted {
			return b.errorf(format, "TIMESTAMP_FORMAT says how the column of TIMESTAMP is written, and there is none: write timestamp='...'")
		}
		return nil
	}
	c := columns[column]
	switch kind := c.Type.Kind; {
	case formatted && kind != row.String:
		return b.errorf(format, "TIMESTAMP_FORMAT is for a STRING column, and %s is %s", c.Name, c.Type)
	case kind == row.String && !formatted:
		return b.errorf(t.given["TIMESTAMP"], "TIMESTAMP: column %s is STRING: write how, timestamp_format='yyyy-MM-dd HH:mm:ss'", c.Name)
	case kind != row.String && kind != row.Timestamp && kind != row.Bigint:
		return b.errorf(t.given["TIMESTAMP"], "TIMESTAMP: column %s is %s: event time is a TIMESTAMP or BIGINT column, or a STRING one with timestamp_format", c.Name, c.Type)
	}
	return nil
}

// finishSourceTime holds a source's event time to its column's type.
func (b *builder) finishSourceTime(src *row.Source, t *withTarget) error {
	src.TimestampFormat = t.timeFormat
	return b.checkTime(t, src.Columns, src.Timestamp)
}

// finishSinkTime finds the column of TIMESTAMP among those selected.
func (b *builder) finishSinkTime(sink *row.Sink, t *withTarget) error {
	column := -1
	if t.timeColumn != "" {
		var wrong string
		if column, wrong = columnNamed(sink.Values, t.timeColumn); wrong != "" {
			return b.errorf(t.given["TIMESTAMP"], "TIMESTAMP: %s", wrong)
		}
		sink.Time = &row.SinkTime{Column: column}
		if pattern, err := datetime.Compile(t.timeFormat); err == nil && t.timeFormat != "" {
			sink.Time.Read = func(text string) (int64, bool) {
				at, ok := pattern.Parse(text, time.UTC)
				return at.UnixMilli(), ok
			}
		}
	}
	return b.checkTime(t, sink.Values, column)
}
