package row

import "parallax/processors/numeric"

// Set sets v to the value of NewIntegral, without an allocation.
func (v *Value) Set(k Kind, n int64) { *v = fromBits(k, uint64(n)) }

// SetDecimal sets v to the value of NewDecimal.
func (v *Value) SetDecimal(unscaled numeric.Int128, scale int) {
	*v = NewDecimal(unscaled, scale)
}

// SetNull sets v to NULL.
func (v *Value) SetNull() { *v = Value{} }
