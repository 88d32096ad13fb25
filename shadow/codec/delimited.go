package codec

import (
	"context"
	"fmt"

	"parallax/processors/row"
)

// delimitedFormat is a line with one field for each column, as in RFC 4180: a field may be
// quoted, and a quote inside it is then doubled. The delimiter can be any character.
var delimitedFormat = format{value: reads(newDelimitedValue), key: reads(newDelimitedKey), writesValue: writes(newDelimitedWriter), writesKey: writes(newDelimitedKeyWriter)}

// delimited reads the fields of a key or value.
type delimited struct {
	src *row.Source
	// "value" or "key"
	what string
	// columns are the columns of the fields, in order.
	columns []int
	line    line
}

func newDelimitedValue(src *row.Source) reader {
	return &delimited{src: src, what: "value", columns: valueColumns(src), line: line{delimiter: src.Delimiter}}
}

func newDelimitedKey(src *row.Source) reader {
	return &delimited{src: src, what: "key", columns: keyColumns(src), line: line{delimiter: src.KeyDelimiter}}
}

func (d *delimited) read(_ context.Context, b []byte, t *row.Table) error {
	d.line.begin(b)
	var f field
	for _, i := range d.columns {
		if !d.line.next(&f) {
			return d.lineError(b, nil)
		}
		if !d.src.Needed[i] {
			continue
		}
		if err := f.convert(t.Columns[i], d.src.IsKeyed(i)); err != nil {
			return d.lineError(b, fmt.Errorf("%s column %s: %w", d.what, d.src.Columns[i].Name, err))
		}
	}
	if !d.line.ended {
		return d.lineError(b, nil)
	}
	return nil
}

// lineError returns the error for a line, of which err was found first. An error in the
// structure of the line, such as a wrong number of fields, takes precedence over errors in
// fields.
func (d *delimited) lineError(b []byte, err error) error {
	d.line.begin(b)
	n := 0
	for f := (field{}); d.line.next(&f); {
		n++
	}
	switch {
	case d.line.err != nil:
		return fmt.Errorf("the %s is not DELIMITED: %w", d.what, d.line.err)
	case n != len(d.columns):
		return fmt.Errorf("the %s has %d fields, and the source %d %s columns", d.what, n, len(d.columns), d.what)
	}
	return err
}
