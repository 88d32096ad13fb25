package row

// ElementSize is what Size counts for each element of an ARRAY, MAP or STRUCT, in addition
// to the element's own size.
const ElementSize = 16

// Size returns the size of a value's content: the bytes of a text; for an ARRAY, MAP or
// STRUCT ElementSize for each element, and the bytes of all texts in it, names included,
// even if several elements share one. Other values have size 0. It stops counting beyond
// most.
func (v Value) Size(most int64) int64 {
	switch k := v.Kind(); {
	case k == String || k == Bytes:
		return int64(v.n)
	case k.IsNested():
		return v.nestedSize(most)
	}
	return 0
}

func (v *Value) nestedSize(most int64) int64 {
	n := v.nested()
	size := int64(len(n.values)) * ElementSize
	for _, name := range n.names {
		size += int64(len(name))
	}
	for _, e := range n.values {
		if size > most {
			break
		}
		size += e.Size(most - size)
	}
	return size
}
