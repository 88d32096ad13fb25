package row

// Gather writes some rows as Values: rows[k] at dst[k*stride].
func (v *Vector) Gather(dst []Value, stride int, rows []int32) {
	kind := v.Type.Kind
	switch kind {
	case String, Bytes, Array, Map, Struct:
		for k, r := range rows {
			dst[k*stride] = v.Value(int(r))
		}
	case Decimal:
		for k, r := range rows {
			d := &dst[k*stride]
			if d.SetDecimal(v.Int128(int(r)), v.Type.Scale); !v.Valid(int(r)) {
				d.SetNull()
			}
		}
	default:
		for k, r := range rows {
			d := &dst[k*stride]
			if d.Set(kind, v.Int64(int(r))); !v.Valid(int(r)) {
				d.SetNull()
			}
		}
	}
}
