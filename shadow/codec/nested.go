package codec

import (
	"bytes"

	"parallax/processors/row"
)

// nested reads an ARRAY, MAP or STRUCT. Its elements convert like columns: the fields of a
// STRUCT are found like columns (see fieldNames and foundField), missing ones are NULL, and
// for a repeated key of a MAP the last value is used.
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
		return row.Value{}, convertError(raw, *t)
	}
	c := o.leaf(t)
	if err := o.convert(c, raw, kind); err != nil {
		return row.Value{}, err
	}
	return c.Value(0), nil
}

// leaf returns an empty column for a value that is not nested. It is reused for each value
// of a type, because an ARRAY may have a million of them.
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

func (o *object) mapOf(raw []byte, elem *row.Type) (row.Value, error) {
	var keys []string
	var values []row.Value
	err := o.eachField(raw, func(name []byte, value span) error {
		key := string(name) // before its scratch is reused for the value's text
		v, err := o.nested(raw[value.from:value.to], value.kind, elem)
		keys, values = append(keys, key), append(values, v)
		return err
	})
	return row.NewMap(keys, values), err
}

func (o *object) structOf(raw []byte, fields []row.Column) (row.Value, error) {
	names, found := o.namesOf(fields), make([]foundField, len(fields))
	err := o.eachField(raw, func(name []byte, value span) error {
		fields := names.find(name)
		for _, i := range fields.numbers {
			found[i].offer(value, i == fields.exact)
		}
		return nil
	})
	if err != nil {
		return row.Value{}, err
	}
	values := make([]row.Value, len(fields))
	for i, f := range found {
		if f.value.to == 0 {
			continue
		}
		if values[i], err = o.nested(raw[f.value.from:f.value.to], f.value.kind, &fields[i].Type); err != nil {
			return row.Value{}, err
		}
	}
	return row.NewStruct(names.texts, values), nil
}

// eachField calls visit with an object's fields. A name, its escapes undone, is
// scratch.
func (o *object) eachField(raw []byte, visit func(name []byte, value span) error) error {
	var s scanner
	var failed error
	err := s.fields(raw, func(name, value span) {
		if failed != nil {
			return
		}
		var text []byte
		if text, failed = unquote(o.text[:0], raw[name.from:name.to]); failed == nil {
			o.text = text
			failed = visit(text, value)
		}
	})
	if err != nil {
		return err
	}
	return failed
}
