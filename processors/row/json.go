package row

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"
	"unsafe"

	"parallax/processors/numeric"
)

// AppendJSON appends a value as JSON, in the form that docs/SQL.md defines and that is used
// wherever a value becomes JSON. A DECIMAL has exactly the digits of its scale. A DOUBLE is
// written as by encoding/json, or as a string if it is not finite. A DATE is a number of
// days, TIME and TIMESTAMP are milliseconds, BYTES are base64. Nothing is escaped for HTML.
func AppendJSON(dst []byte, v Value) []byte {
	switch v.Kind() {
	case Bigint, Int:
		return numeric.AppendInt(dst, int64(v.n))
	case Null:
		return append(dst, "null"...)
	case Boolean:
		return strconv.AppendBool(dst, v.n != 0)
	case Double:
		return appendDouble(dst, v.Float64())
	case Decimal:
		if v.high() == 0 && v.scale() > 0 { // as mostly
			return numeric.AppendScaled(dst, v.n, int(v.scale()))
		}
		return numeric.Int128{Hi: v.high(), Lo: v.n}.AppendDecimal(dst, int(v.scale()))
	case String:
		return AppendJSONString(dst, v.Str())
	case Bytes:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, []byte(v.Str()))
		return append(dst, '"')
	case Array, Map, Struct:
		return appendNestedJSON(dst, v, AppendJSON)
	default:
		return numeric.AppendInt(dst, int64(v.n))
	}
}

// AppendISOJSON is AppendJSON with DATE, TIME and TIMESTAMP as ISO 8601 text.
func AppendISOJSON(dst []byte, v Value) []byte {
	switch v.Kind() {
	case Date, Time, Timestamp:
		return AppendJSONString(dst, FormatISO(v))
	case Array, Map, Struct:
		return appendNestedJSON(dst, v, AppendISOJSON)
	default:
		return AppendJSON(dst, v)
	}
}

// AppendText appends a value as CAST to STRING writes it: a STRING unchanged, dates and
// times as ISO 8601, a DOUBLE that is not finite without quotes, and other values as
// AppendJSON does.
func AppendText(dst []byte, v Value) []byte {
	switch v.Kind() {
	case String:
		return append(dst, v.Str()...)
	case Date, Time, Timestamp:
		return append(dst, FormatISO(v)...)
	case Double:
		if f := v.Float64(); f != f || math.IsInf(f, 0) {
			quoted := appendDouble(nil, f)
			return append(dst, quoted[1:len(quoted)-1]...)
		}
	}
	return AppendJSON(dst, v)
}

// appendDouble writes f as encoding/json does: the shortest text that reads
// back as f, with an exponent below 1e-6 and from 1e21 on.
func appendDouble(dst []byte, f float64) []byte {
	switch {
	case f != f:
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is written e-9
		dst = dst[:n-1]
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// AppendJSONString appends s as a JSON string. Only characters that JSON requires to be
// escaped are escaped; bytes that are not UTF-8 become U+FFFD.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if isPlain(s) {
		return append(append(dst, s...), '"')
	}
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\b':
				dst = append(dst, '\\', 'b')
			case '\f':
				dst = append(dst, '\\', 'f')
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\ufffd"...)
			i++
			start = i
			continue
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// isPlain reports whether a text is ASCII with nothing to escape: eight bytes at
// a time, by the tests of "Bit Twiddling Hacks" (Anderson).
func isPlain(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(s), len(s))[i:])
		quote, slash := w^ones*'"', w^ones*'\\'
		if ((quote-ones)&^quote|(slash-ones)&^slash|(w-ones*' ')&^w|w)&highs != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
