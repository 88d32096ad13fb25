package form

import (
	"encoding/binary"
	"math"
	"math/bits"

	"parallax/processors/row"
)

// AppendCount appends a number that is not negative.
func AppendCount(dst []byte, n int) []byte { return binary.AppendUvarint(dst, uint64(n)) }

// AppendUint appends an unsigned number.
func AppendUint(dst []byte, n uint64) []byte { return binary.AppendUvarint(dst, n) }

// AppendInt appends a signed number.
func AppendInt(dst []byte, n int64) []byte { return binary.AppendVarint(dst, n) }

// AppendBool appends one byte, 0 or 1.
func AppendBool(dst []byte, is bool) []byte {
	if is {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// AppendText appends the length of a text in bytes, and the text.
func AppendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// AppendDouble appends the eight bytes of a DOUBLE, the lowest first. Every NaN has the
// same bytes: results do not show which NaN it is. -0 is not 0.
func AppendDouble(dst []byte, f float64) []byte {
	if f != f {
		f = math.NaN()
	}
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
}

// AppendWords appends a signed number of several words, the lowest first: how many bytes it
// takes, and these bytes, the lowest first. 0 takes no byte.
func AppendWords(dst []byte, words ...uint64) []byte {
	n := lengthOf(words)
	dst = append(dst, byte(n))
	for i := 0; i < n; i++ {
		dst = append(dst, byte(words[i/8]>>(i%8*8)))
	}
	return dst
}

// lengthOf returns the least number of bytes that hold a signed number.
func lengthOf(words []uint64) int {
	sign := uint64(int64(words[len(words)-1]) >> 63)
	for i := len(words) - 1; i >= 0; i-- {
		if w := words[i] ^ sign; w != 0 {
			return 8*i + bits.Len64(w)/8 + 1
		}
	}
	return int(sign & 1)
}

// AppendValue appends a value: the byte of its kind, 0 for NULL, and what the kind needs.
func AppendValue(dst []byte, v row.Value) []byte {
	dst = append(dst, byte(v.Kind()))
	switch v.Kind() {
	case row.Null:
		return dst
	case row.String, row.Bytes:
		return AppendText(dst, v.Str())
	case row.Double:
		return AppendDouble(dst, v.Float64())
	case row.Decimal:
		unscaled, scale := v.Decimal()
		return AppendWords(append(dst, byte(scale)), unscaled.Lo, uint64(unscaled.Hi))
	case row.Array, row.Map, row.Struct:
		return appendNested(dst, v)
	}
	return AppendInt(dst, v.Int64())
}

// appendNested appends how many values an ARRAY, MAP or STRUCT holds, and each of them, a
// MAP's after its key.
func appendNested(dst []byte, v row.Value) []byte {
	list, names := v.Elements(), v.Names()
	dst = AppendCount(dst, len(list))
	for i, e := range list {
		if v.Kind() == row.Map {
			dst = AppendText(dst, names[i])
		}
		dst = AppendValue(dst, e)
	}
	return dst
}

// AppendValues appends the values of a tuple, whose length its reader knows.
func AppendValues(dst []byte, values []row.Value) []byte {
	for _, v := range values {
		dst = AppendValue(dst, v)
	}
	return dst
}

// AppendNext appends a number that is larger than the one before in an ascending list of
// numbers that are not negative; -1 stands before the first.
func AppendNext(dst []byte, before, n int64) []byte {
	return binary.AppendUvarint(dst, uint64(n-before-1))
}
