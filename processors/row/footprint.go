package row

import "unsafe"

// valueBytes is the size of a Value without its text or elements.
const valueBytes = int(unsafe.Sizeof(Value{}))

// Footprint is how many bytes a value takes with its text and elements. It is used for
// limits: equal values have the same footprint, even if they share memory.
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

// holdsPlain reports whether the elements of an ARRAY (all of one type, or NULL) have
// neither texts nor elements.
func holdsPlain(elements []Value) bool {
	for i := range elements {
		if kind := elements[i].Kind(); kind != Null {
			return kind != String && kind != Bytes && !kind.IsNested()
		}
	}
	return true
}

// stringBytes is the size of a string without its text.
const stringBytes = int(unsafe.Sizeof(""))

// NestedBytes is the size of the ARRAYs, MAPs and STRUCTs of a row, which is in addition to
// the bytes that the row was decoded from and that hold its texts.
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
