package plan

import (
	"strconv"
	"strings"
	"time"

	"parallax/processors/datetime"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// columnNamed finds the column that timestamp= names; wrong says that there is no such
// column.
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

// timestampColumn sets the source's event time to a declared column, or to a field inside a
// STRUCT column: after->ts.
func timestampColumn(t *withTarget, v string) (wrong string) {
	names := strings.Split(v, "->")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	t.source.Timestamp, wrong = columnNamed(t.source.Columns, names[0])
	if wrong != "" {
		return wrong
	}
	column := t.source.Columns[t.source.Timestamp]
	for _, name := range names[1:] {
		if column.Type.Kind != row.Struct {
			return column.Name + " is " + column.Type.String() + ", and only a STRUCT has fields"
		}
		field, wrong := columnNamed(column.Type.Fields, name)
		if wrong != "" {
			return strings.Replace(wrong, "column", "field", 1)
		}
		t.source.TimestampPath = append(t.source.TimestampPath, field)
		column = column.Type.Fields[field]
	}
	return ""
}

// timeColumn returns the column with a source's event time. For a field inside a STRUCT it
// returns the field, named by its path.
func timeColumn(src *row.Source) row.Column {
	column := src.Columns[src.Timestamp]
	path := column.Name
	for _, i := range src.TimestampPath {
		column = column.Type.Fields[i]
		path += "->" + column.Name
	}
	return row.Column{Name: path, Type: column.Type}
}

// timestampUnit sets the unit of the numbers in the timestamp= column.
func timestampUnit(t *withTarget, v string) string {
	unit, ok := row.TimeUnits[strings.ToLower(v)]
	if !ok {
		return strconv.Quote(v) + " is not one of s, ms, us and ns"
	}
	t.source.TimestampUnit = unit
	return ""
}

// sinkTimestamp stores the name of the sink's timestamp= column. The column is looked up
// when the query is planned.
func sinkTimestamp(t *withTarget, v string) string {
	t.timeColumn = v
	if v == "" {
		return "the name is empty"
	}
	return ""
}

// timestampFormat sets the Java pattern of the timestamp= column.
func timestampFormat(t *withTarget, v string) string {
	if _, err := datetime.Compile(v); err != nil {
		return err.Error()
	}
	t.timeFormat = v
	return ""
}

// checkTime checks that the type of the timestamp= column (nil for none) fits
// timestamp_format and timestamp_unit.
func (b *builder) checkTime(t *withTarget, c *row.Column) error {
	format, formatted := t.given["TIMESTAMP_FORMAT"]
	unit, hasUnit := t.given["TIMESTAMP_UNIT"]
	if c == nil {
		if formatted {
			return b.errorf(format, "TIMESTAMP_FORMAT describes the TIMESTAMP column, which is not set: write timestamp='...'")
		}
		if hasUnit {
			return b.errorf(unit, "TIMESTAMP_UNIT describes the TIMESTAMP column, which is not set: write timestamp='...'")
		}
		return nil
	}
	switch kind := c.Type.Kind; {
	case formatted && kind != row.String:
		return b.errorf(format, "TIMESTAMP_FORMAT is for a STRING column, and %s is %s", c.Name, c.Type)
	case hasUnit && kind != row.Bigint:
		return b.errorf(unit, "TIMESTAMP_UNIT is for a BIGINT column, and %s is %s", c.Name, c.Type)
	case kind == row.String && !formatted:
		return b.errorf(t.given["TIMESTAMP"], "TIMESTAMP: column %s is STRING: write how, timestamp_format='yyyy-MM-dd HH:mm:ss'", c.Name)
	case kind != row.String && kind != row.Timestamp && kind != row.Bigint:
		return b.errorf(t.given["TIMESTAMP"], "TIMESTAMP: column %s is %s: event time is a TIMESTAMP or BIGINT column, or a STRING one with timestamp_format", c.Name, c.Type)
	}
	return nil
}

// finishSourceTime checks the type of a source's event time column.
func (b *builder) finishSourceTime(src *row.Source, t *withTarget) error {
	src.TimestampFormat = t.timeFormat
	if src.Timestamp < 0 {
		return b.checkTime(t, nil)
	}
	c := timeColumn(src)
	return b.checkTime(t, &c)
}

// finishSinkTime finds the column of TIMESTAMP among those selected.
func (b *builder) finishSinkTime(sink *row.Sink, t *withTarget) error {
	var selected *row.Column
	if t.timeColumn != "" {
		column, wrong := columnNamed(sink.Values, t.timeColumn)
		if wrong != "" {
			return b.errorf(t.given["TIMESTAMP"], "TIMESTAMP: %s", wrong)
		}
		selected = &sink.Values[column]
		sink.Time = &row.SinkTime{Column: column}
		if pattern, err := datetime.Compile(t.timeFormat); err == nil && t.timeFormat != "" {
			sink.Time.Pattern = t.timeFormat
			sink.Time.Read = func(text string) (int64, bool) {
				at, ok := pattern.Parse(text, time.UTC)
				return at.UnixMilli(), ok
			}
		}
	}
	return b.checkTime(t, selected)
}
