package codec

import (
	"bytes"
	"strings"

	"parallax/processors/row"
)

// nested reads an ARRAY, MAP or STRUCT, and what is in it by the rules of
// columns: a field of a STRUCT belongs to the field that is spelt so, else to the
// first one that differs only in case; what is missing is NULL; of a name that
// comes twice the last one counts.
func (o *object) nested(raw []byte, kind byte, t *row.Type) (row.Value, error) {
	switch {
	case kind == 0 && string(raw) == "null":
		return row.Value{}, nil
	case t.Kind == row.Array && kind == '[':
		return o.array(raw, t.Elem)
	case t.Kind == row.Map && kind == '{':
		return o.mapOf(raw, t.Elem)
	case t.Kind == row.Struct && kind == '{':
		return o.structOf(raw, t.Fields)
	case t.Kind.IsNested():
		return row.Value{}, wrong(raw, *t)
	}
	c := o.leaf(t)
	if err := o.convert(c, raw, kind); err != nil {
		return row.Value{}, err
	}
	return c.Value(0), nil
}

// leaf returns an empty column for a value that is not nested: the same one for each
// value of a type, as an ARRAY may have a million of them.
func (o *object) leaf(t *row.Type) *row.Vector {
	if o.leafOf != t {
		c := o.leaves[t]
		if c == nil {
			c = row.NewVector(*t)
			if o.leaves == nil {
				o.leaves = map[*row.Type]*row.Vector{}
			}
			o.leaves[t] = c
		}
		o.leafOf, o.leafColumn = t, c
	}
	o.leafColumn.Reset()
	return o.leafColumn
}

func (o *object) array(raw []byte, elem *row.Type) (row.Value, error) {
	s := scanner{b: raw, at: 1}
	var elements []row.Value
	if s.blank(); s.at < len(raw) && raw[s.at] == ']' {
		return row.NewArray(elements), nil
	}
	if k := elem.Kind; k != row.String && k != row.Bytes && !k.IsNested() {
		elements = make([]row.Value, 0, bytes.Count(raw, comma)+1)
	}
	for {
		at, err := s.value()
		if err != nil {
			return row.Value{}, err
		}
		v, err := o.nested(raw[at.from:at.to], at.kind, elem)
		if err != nil {
			return row.Value{}, err
		}
		elements = append(elements, v)
		if s.blank(); s.at == len(raw) {
			return row.Value{}, errCutShort
		}
		switch raw[s.at] {
		case ']':
			return row.NewArray(elements), nil
		case ',':
			s.at++
		default:
			return row.Value{}, s.unexpected("a comma or a closing bracket")
		}
	}
}

var comma = []byte{','}

// eachMember calls visit with an object's fields, their names as they are meant.
func (o *object) eachMember(raw []byte, visit func(name string, value []byte, kind byte) error) error {
	var s scanner
	var failed error
	err := s.fields(raw, func(name, value span) {
		if failed != nil {
			return
		}
		text, err := unquote(nil, raw[name.from:name.to])
		if err == nil {
			err = visit(string(text), raw[value.from:value.to], value.kind)
		}
		failed = err
	})
	if err != nil {
		return err
	}
	return failed
}

func (o *object) mapOf(raw []byte, elem *row.Type) (row.Value, error) {
	var keys []string
	var values []row.Value
	err := o.eachMember(raw, func(name string, value []byte, kind byte) error {
		v, err := o.nested(value, kind, elem)
		keys, values = append(keys, name), append(values, v)
		return err
	})
	return row.NewMap(keys, values), err
}

func (o *object) structOf(raw []byte, fields []row.Column) (row.Value, error) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	values := make([]row.Value, len(fields))
	err := o.eachMember(raw, func(name string, value []byte, kind byte) error {
		i := fieldNamed(fields, name)
		if i < 0 {
			return nil
		}
		var err error
		values[i], err = o.nested(value, kind, &fields[i].Type)
		return err
	})
	return row.NewStruct(names, values), err
}

// fieldNamed finds a field, -1 where there is none.
func fieldNamed(fields []row.Column, name string) int {
	folded := -1
	for i, f := range fields {
		if f.Name == name {
			return i
		}
		if folded < 0 && strings.EqualFold(f.Name, name) {
			folded = i
		}
	}
	return folded
}
