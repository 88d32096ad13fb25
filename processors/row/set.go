package row

// Set makes v what NewIntegral returns, in memory that is used again row after
// row.
func (v *Value) Set(k Kind, n int64) { *v = of(k, uint64(n)) }

// SetDecimal makes v what NewDecimal returns.
func (v *Value) SetDecimal(unscaled Int128, scale int) {
	*v = NewDecimal(unscaled, scale)
}

// SetNull makes v NULL.
func (v *Value) SetNull() { *v = Value{} }
