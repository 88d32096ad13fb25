package row

// Gather writes some rows as Values: rows[k] at dst[k*stride].
func (v *Vector) Gather(dst []Value, stride int, rows []int32) {
	kind := v.Type.Kind
	switch kind {
	case String, Bytes, Decimal, Array, Map, Struct:
		for k, r := range rows {
			dst[k*stride] = v.Value(int(r))
		}
	default:
		for k, r := range rows {
			value := Value{kind: kind, n: uint64(v.Int64(int(r)))}
			if !v.Valid(int(r)) {
				value = Value{}
			}
			dst[k*stride] = value
		}
	}
}
