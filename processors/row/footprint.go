package row

import "unsafe"

// valueBytes is what a Value has beside its text or its elements.
const valueBytes = int(unsafe.Sizeof(Value{}))

// Footprint is how many bytes a value takes, its text or its elements included. It is a
// measure for bounds: the same for equal values, whatever they share.
func (v Value) Footprint() int {
	switch kind := v.Kind(); {
	case kind == String || kind == Bytes:
		return valueBytes + int(v.n)
	case kind.IsNested():
		n := v.nested()
		bytes := 2 * valueBytes
		if kind == Map {
			for _, name := range n.names {
				bytes += stringBytes + len(name)
			}
		}
		if kind == Array && holdsPlain(n.values) {
			return bytes + valueBytes*len(n.values)
		}
		for i := range n.values {
			bytes += n.values[i].Footprint()
		}
		return bytes
	}
	return valueBytes
}

// holdsPlain reports whether an ARRAY's elements, which are all of one type or NULL,
// have neither a text nor elements.
func holdsPlain(elements []Value) bool {
	for i := range elements {
		if kind := elements[i].Kind(); kind != Null {
			return kind != String && kind != Bytes && !kind.IsNested()
		}
	}
	return true
}

// stringBytes is what a string has beside its text.
const stringBytes = int(unsafe.Sizeof(""))

// NestedBytes is how much the ARRAYs, MAPs and STRUCTs of a row take: what a row has
// beyond the bytes that it was decoded from, in which its texts lie.
func (t *Table) NestedBytes(row int) (bytes int) {
	for _, c := range t.Columns {
		if c != nil && c.Type.Kind.IsNested() {
			bytes += c.nested[row].Footprint()
		}
	}
	return bytes
}

// HasNested reports whether a column of the table is an ARRAY, a MAP or a STRUCT.
func (t *Table) HasNested() bool {
	for _, c := range t.Columns {
		if c != nil && c.Type.Kind.IsNested() {
			return true
		}
	}
	return false
}
