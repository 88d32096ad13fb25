package codec

import (
	"bytes"
	"context"
	"fmt"

	"parallax/processors/row"
)

// object decodes the needed columns of a JSON object. It learns what a topic's
// records have in common (see layout); a record that is different is searched,
// to the same answer.
//
// A field belongs to a column by its name (see fieldNames); of several that belong
// to one column, one counts (see foundField).
type object struct {
	src *row.Source
	// what it is: "value" or "key".
	what   string
	isKey  bool
	needed []int
	scan   scanner
	// columns finds a column by a field's name; -1 is one that no query needs.
	columns fieldNames
	// names is what the fields of the last records were called, by their number.
	names []learntName
	// learnt is the layout of some earlier record, nil for none; wait is how many
	// records are searched before the next one is learnt, patience how many that
	// were the last time.
	learnt         *layout
	wait, patience int
	chunk          *chunk
	members        []member // scratch
	// found[column] is the field of this record that counts for it.
	found []foundField
	text  []byte // scratch
	// isKeyed says that keys are made of the column that is converted.
	isKeyed bool
	// structs are the names of STRUCTs' fields, by their first one.
	structs map[*row.Column]*structNames
	// leaves are scratch columns of the types inside ARRAYs, MAPs and STRUCTs;
	// leafColumn is the one that was used last, of type leafOf.
	leaves     map[*row.Type]*row.Vector
	leafOf     *row.Type
	leafColumn *row.Vector
}

// learntName is the name of a field as it is written, and the column that it belongs
// to, -1 for a field that no query needs; isExact says that it is that column's name.
type learntName struct {
	name    string
	column  int
	isExact bool
}

// newObject returns the object that a source's value is, or its key.
func newObject(src *row.Source, key bool) *object {
	o := &object{src: src, what: "value", columns: newFieldNames(), found: make([]foundField, len(src.Columns))}
	o.chunk = &chunk{o: o, one: row.NewTable(src, 1)}
	if key {
		o.what, o.isKey = "key", true
	}
	for i, c := range src.Columns {
		if src.Key[i] != key || !key && !src.InValue(i) {
			continue
		}
		column := -1
		if src.Needed[i] {
			column = i
			o.needed = append(o.needed, i)
		}
		o.columns.add(c.Name, column)
	}
	return o
}

// member is one field of a record: its column, -1 where nobody needs it, and
// its value's extent.
type member struct {
	column int
	value  span
}

// fit decodes those of at most chunkSize records that are of the learnt layout
// into rows of t, from first on. It says of each where it was (see
// cursor.misfit), and whether all are.
func (o *object) fit(records []row.Record, t *row.Table, first int) ([]cursor, bool) {
	fits := o.learnt.decode(o.chunk, records, t, first)
	if 2*fits < len(records) {
		o.learnt = nil // another may do better
	} else {
		o.wait, o.patience = 0, 1
	}
	return o.chunk.cursors[:len(records)], fits == len(records)
}

// read appends the needed columns of b, of whatever layout, to t's columns.
// Where no layout is known it learns this one: at once where the last one learnt
// has been of use, ever more rarely where none is.
func (o *object) read(_ context.Context, b []byte, t *row.Table) error {
	clear(o.found)
	o.members = o.members[:0]
	err := o.scan.fields(b, func(name, value span) {
		column, isExact := o.column(b[name.from:name.to], len(o.members))
		if column >= 0 {
			o.found[column].offer(value, isExact)
		}
		o.members = append(o.members, member{column, value})
	})
	if err != nil {
		return fmt.Errorf("the %s is %w", o.what, err)
	}
	for _, i := range o.needed {
		s := o.found[i].value
		if s.to == 0 {
			t.Columns[i].AppendNull()
			continue
		}
		o.isKeyed = o.src.IsKeyed(i)
		if err := o.convert(t.Columns[i], b[s.from:s.to], s.kind); err != nil {
			return fmt.Errorf("%s column %s: %w", o.what, o.src.Columns[i].Name, err)
		}
	}
	if o.learnt != nil {
		return nil
	}
	if o.wait--; o.wait <= 0 {
		o.learnt = o.learn(b, o.members)
		const most = 1 << 12
		o.patience = min(2*o.patience, most)
		o.wait = o.patience
	}
	return nil
}

// column finds the column of field number n by the name as it is written.
func (o *object) column(name []byte, n int) (column int, isExact bool) {
	if n < len(o.names) && o.names[n].name == string(name) {
		return o.names[n].column, o.names[n].isExact
	}
	plain := name
	if bytes.IndexByte(name, '\\') >= 0 {
		if text, err := unquote(o.text[:0], name); err == nil {
			o.text, plain = text, text
		}
	}
	column, isExact = o.columns.find(plain)
	const most = 256 // a record with more fields is looked up by name from there on
	if n < most {
		for len(o.names) <= n {
			o.names = append(o.names, learntName{column: -1})
		}
		o.names[n] = learntName{name: string(name), column: column, isExact: isExact}
	}
	return column, isExact
}
