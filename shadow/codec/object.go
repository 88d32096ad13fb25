package codec

import (
	"fmt"
	"strings"

	"parallax/processors/row"
)

// object decodes the needed columns of a JSON object. It learns what a topic's
// records have in common (see layout); a record that is different is searched,
// to the same answer.
//
// A field belongs to the column that is spelt like it, else to the one that
// differs in case only (the first declared, where quoted names differ so among
// themselves).
type object struct {
	src *row.Source
	// what it is: "value" or "key".
	what   string
	isKey  bool
	needed []int
	scan   scanner
	// exact and folded find a column by its name and by that in upper case; -1
	// is one that nobody needs.
	exact, folded map[string]int
	// names is what the fields of the last records were called, by their number.
	names []learntName
	// learnt is the layout of some earlier record, nil for none; wait is how many
	// records are searched before the next one is learnt, patience how many that
	// were the last time.
	learnt         *layout
	wait, patience int
	chunk          *chunk
	members        []member // scratch
	// found[column] is the extent of its field in this record: of the last one,
	// where it comes twice.
	found []span
	text  []byte // scratch
	// leaves are scratch columns of the types inside ARRAYs, MAPs and STRUCTs;
	// leafColumn is the one that was used last, of type leafOf.
	leaves     map[*row.Type]*row.Vector
	leafOf     *row.Type
	leafColumn *row.Vector
}

// learntName is the name of a field as it is written, and the column that it is; -1
// for a field that nobody needs.
type learntName struct {
	name   string
	column int
}

// newObject returns the object that a source's value is, or its key.
func newObject(src *row.Source, key bool) *object {
	o := &object{src: src, what: "value", exact: map[string]int{}, folded: map[string]int{}, found: make([]span, len(src.Columns))}
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
		o.exact[c.Name] = column
		if fold := strings.ToUpper(c.Name); !has(o.folded, fold) {
			o.folded[fold] = column
		}
	}
	return o
}

func has(m map[string]int, name string) bool {
	_, ok := m[name]
	return ok
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
func (o *object) read(b []byte, t *row.Table) error {
	clear(o.found)
	o.members = o.members[:0]
	err := o.scan.fields(b, func(name, value span) {
		column := o.column(b[name.from:name.to], len(o.members))
		if column >= 0 {
			o.found[column] = value
		}
		o.members = append(o.members, member{column, value})
	})
	if err != nil {
		return fmt.Errorf("the %s is %w", o.what, err)
	}
	for _, i := range o.needed {
		s := o.found[i]
		if s.to == 0 {
			t.Columns[i].AppendNull()
			continue
		}
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
func (o *object) column(name []byte, n int) int {
	if n < len(o.names) && o.names[n].name == string(name) {
		return o.names[n].column
	}
	plain := string(name)
	if strings.IndexByte(plain, '\\') >= 0 {
		if text, err := unquote(o.text[:0], name); err == nil {
			o.text, plain = text, string(text)
		}
	}
	column, ok := o.exact[plain]
	if !ok {
		column, ok = o.folded[strings.ToUpper(plain)]
	}
	if !ok {
		column = -1
	}
	const most = 256 // a record with more fields is looked up by name from there on
	if n < most {
		for len(o.names) <= n {
			o.names = append(o.names, learntName{column: -1})
		}
		o.names[n] = learntName{name: string(name), column: column}
	}
	return column
}
