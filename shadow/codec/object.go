package codec

import (
	"bytes"
	"context"
	"fmt"

	"parallax/processors/row"
)

// object decodes the needed columns of a JSON object. It learns what a topic's records have
// in common (see layout). Other records are searched, with the same result.
//
// Which fields may be the value of a column depends on their names (see fieldNames);
// foundField chooses among several.
type object struct {
	src *row.Source
	// "value" or "key"
	what   string
	isKey  bool
	needed []int
	scan   scanner
	// columns finds the needed columns by a field's name.
	columns fieldNames
	// names are the field names of the last records, by their position.
	names []learntName
	// learnt is the layout of an earlier record, nil for none. wait is the number of
	// records to search before the next one is learnt; patience is the last such number.
	learnt         *layout
	wait, patience int
	chunk          *chunk
	members        []member // scratch
	// found[column] is the field of the current record for it.
	found []foundField
	text  []byte // scratch
	// isKeyed: keys are made of the column that is being converted.
	isKeyed bool
	// structs are the names of STRUCTs' fields, by the first field.
	structs map[*row.Column]*structNames
	// leaves are scratch columns of the types inside ARRAYs, MAPs and STRUCTs; leafColumn
	// is the one used last, of type leafOf.
	leaves     map[*row.Type]*row.Vector
	leafOf     *row.Type
	leafColumn *row.Vector
}

// learntName is the name of a field as it is written, and the needed columns that it may
// count for.
type learntName struct {
	name    string
	columns namedFields
}

// newObject returns the object that a source's value is, or its key.
func newObject(src *row.Source, key bool) *object {
	o := &object{src: src, what: "value", found: make([]foundField, len(src.Columns))}
	o.chunk = &chunk{o: o, one: row.NewTable(src, 1)}
	if key {
		o.what, o.isKey = "key", true
	}
	var names []string
	for i, c := range src.Columns {
		if src.Needed[i] && src.Key[i] == key && (key || src.InValue(i)) {
			o.needed = append(o.needed, i)
			names = append(names, c.Name)
		}
	}
	o.columns = newFieldNames(names, o.needed)
	return o
}

// member is one field of a record: the needed columns that it may be the value of, and the
// extent of its value.
type member struct {
	columns []int
	value   span
}

// fit decodes those of at most chunkSize records that have the learnt layout into rows of
// t, from first on. It returns each record's cursor (see cursor.misfit), and whether all
// records fitted.
func (o *object) fit(records []row.Record, t *row.Table, first int) ([]cursor, bool) {
	fits := o.learnt.decode(o.chunk, records, t, first)
	if 2*fits < len(records) {
		o.learnt = nil // another may do better
	} else {
		o.wait, o.patience = 0, 1
	}
	return o.chunk.cursors[:len(records)], fits == len(records)
}

// read appends the needed columns of b, of any layout, to t's columns. If no layout is
// known it learns this one: at once if the last learnt layout was useful, otherwise less
// and less often.
func (o *object) read(_ context.Context, b []byte, t *row.Table) error {
	clear(o.found)
	o.members = o.members[:0]
	err := o.scan.fields(b, func(name, value span) {
		columns := o.columnsOf(b[name.from:name.to], len(o.members))
		for _, column := range columns.numbers {
			o.found[column].offer(value, column == columns.exact)
		}
		o.members = append(o.members, member{columns.numbers, value})
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

// columnsOf finds the columns of field number n by the name as it is written.
func (o *object) columnsOf(name []byte, n int) namedFields {
	if n < len(o.names) && o.names[n].name == string(name) {
		return o.names[n].columns
	}
	plain := name
	if bytes.IndexByte(name, '\\') >= 0 {
		if text, err := unquote(o.text[:0], name); err == nil {
			o.text, plain = text, text
		}
	}
	columns := o.columns.find(plain)
	const most = 256 // a record with more fields is looked up by name from there on
	if n < most {
		for len(o.names) <= n {
			o.names = append(o.names, learntName{columns: namedFields{exact: -1}})
		}
		o.names[n] = learntName{name: string(name), columns: columns}
	}
	return columns
}
