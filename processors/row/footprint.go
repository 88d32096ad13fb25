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
		for i := range n.values {
			bytes += n.values[i].Footprint()
		}
		return bytes
	}
	return valueBytes
}

// stringBytes is what a string has beside its text.
const stringBytes = int(unsafe.Sizeof(""))
