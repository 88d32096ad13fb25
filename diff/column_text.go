package diff

import (
	"fmt"
	"strconv"

	"parallax/processors/row"
)

// ColumnKind says what the texts of a ColumnDiff represent.
type ColumnKind uint8

// The kinds of column.
const (
	ValueColumn  ColumnKind = iota // values as JSON has them
	TimeColumn                     // times in ms
	WindowColumn                   // [start, end) in ms
	CountColumn
)

// columnKind is the kind of a column in which two values differ.
func columnKind(one, two row.Value) ColumnKind {
	if (one.Kind() == row.Timestamp || one.IsNull()) && (two.Kind() == row.Timestamp || two.IsNull()) {
		return TimeColumn
	}
	return ValueColumn
}

// Text returns the text of one side, V1 or V2, for messages.
func (c ColumnDiff) Text(side string) string {
	switch n, err := strconv.ParseInt(side, 10, 64); {
	case side == "" && (c.Name == deadLetterColumn || c.Name == reasonColumn):
		return "(none)"
	case side == "":
		return "(an empty text)"
	case c.Kind == TimeColumn && err == nil:
		return TimeText(n)
	case c.Kind == CountColumn && err == nil:
		return grouped(side)
	}
	var start, end int64
	if n, _ := fmt.Sscanf(side, "[%d, %d)", &start, &end); c.Kind == WindowColumn && n == 2 {
		return "[" + TimeText(start) + ", " + TimeText(end) + ")"
	}
	return side
}

// grouped separates the thousands of the digits of a count.
func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
