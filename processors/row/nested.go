package row

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"
)

// nested is the content of an ARRAY, MAP or STRUCT. It is not modified once a Value points
// to it.
type nested struct {
	values []Value
	// names are a MAP's keys, sorted and each once, or a STRUCT's fields in order;
	// nil for an ARRAY.
	names []string
}

// NewArray returns an ARRAY; it owns elements from now on.
func NewArray(elements []Value) Value { return newNested(Array, &nested{values: elements}) }

// NewStruct returns a STRUCT of fields in order; it owns both from now on, and
// many may share their names.
func NewStruct(names []string, fields []Value) Value {
	return newNested(Struct, &nested{values: fields, names: names})
}

// NewMap returns a MAP; if a key occurs twice, its last value is used. The MAP owns both
// slices.
func NewMap(keys []string, values []Value) Value {
	sorted := true
	for i := 1; i < len(keys) && sorted; i++ {
		sorted = keys[i-1] < keys[i]
	}
	if sorted {
		return newNested(Map, &nested{values: values, names: keys})
	}
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(strings.Compare(keys[a], keys[b]), a-b) })
	n := &nested{}
	for i, at := range order {
		if i+1 < len(order) && keys[order[i+1]] == keys[at] {
			continue
		}
		n.names = append(n.names, keys[at])
		n.values = append(n.values, values[at])
	}
	return newNested(Map, n)
}

func newNested(k Kind, n *nested) Value {
	return Value{meta: uint64(k), text: (*byte)(unsafe.Pointer(n))}
}

// IsNested reports whether a kind is ARRAY, MAP or STRUCT.
func (k Kind) IsNested() bool { return k == Array || k == Map || k == Struct }

func (v *Value) nested() *nested {
	if !v.Kind().IsNested() {
		return &nested{}
	}
	return (*nested)(unsafe.Pointer(v.text))
}

// Elements returns an ARRAY's elements, a MAP's values in the order of its keys,
// a STRUCT's fields; to be read only.
func (v Value) Elements() []Value { return v.nested().values }

// Names returns a MAP's keys, sorted, or a STRUCT's fields; to be read only.
func (v Value) Names() []string { return v.nested().names }

// Lookup returns a MAP's value for a key.
func (v Value) Lookup(key string) (Value, bool) {
	n := v.nested()
	if i, ok := slices.BinarySearch(n.names, key); ok {
		return n.values[i], true
	}
	return Value{}, false
}

func (v Value) cloneNested() Value {
	n := v.nested()
	own := &nested{values: CloneAll(n.values), names: n.names}
	if v.Kind() == Map {
		own.names = make([]string, len(n.names))
		for i, s := range n.names {
			own.names[i] = strings.Clone(s)
		}
	}
	return newNested(v.Kind(), own)
}

// equalNested compares the contents of two values of one kind. STRUCTs of one column have
// the same fields.
func equalNested(a, b Value) bool {
	x, y := a.nested(), b.nested()
	return (a.Kind() != Map || slices.Equal(x.names, y.names)) && EqualValues(x.values, y.values)
}

// compareNested orders element by element, a MAP's entries by key first. A prefix of
// another value comes before it.
func compareNested(a, b Value) int {
	x, y := a.nested(), b.nested()
	for i := range min(len(x.values), len(y.values)) {
		if a.Kind() == Map {
			if c := strings.Compare(x.names[i], y.names[i]); c != 0 {
				return c
			}
		}
		if c := Compare(x.values[i], y.values[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x.values), len(y.values))
}

// appendNestedKey appends the key encoding of a value's content: the number of elements,
// then each element, so that different nestings differ.
func appendNestedKey(dst []byte, v Value) []byte {
	n := v.nested()
	dst = binary.AppendUvarint(dst, uint64(len(n.values)))
	if v.Kind() == Map {
		for _, name := range n.names {
			dst = binary.AppendUvarint(dst, uint64(len(name)))
			dst = append(dst, name...)
		}
	}
	return AppendKey(dst, n.values...)
}

func (v *Value) hashNested(h uint64) uint64 {
	n := v.nested()
	h = fold(h^uint64(len(n.values)), hashWord)
	for i := range n.values {
		if v.Kind() == Map {
			s := n.names[i]
			h = hashText(h, unsafe.StringData(s), len(s))
		}
		h = n.values[i].hash(h)
	}
	return h
}

func appendNestedJSON(dst []byte, v Value, leaf func([]byte, Value) []byte) []byte {
	n := v.nested()
	opening, closing := byte('{'), byte('}')
	if v.Kind() == Array {
		opening, closing = '[', ']'
	}
	dst = append(dst, opening)
	for i, e := range n.values {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.Kind() != Array {
			dst = append(AppendJSONString(dst, n.names[i]), ':')
		}
		dst = leaf(dst, e)
	}
	return append(dst, closing)
}
