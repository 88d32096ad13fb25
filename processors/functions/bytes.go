package functions

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"parallax/processors/row"
)

// bytesFunctions go between bytes and what they say.
var bytesFunctions = []Function{
	{
		Name: "TO_BYTES", Signatures: []string{"text STRING, encoding STRING -> BYTES"},
		Prepare: encoded(1, func(a []row.Value) (row.Value, error) {
			b, ok := decode(a[0].Str(), a[1].Str())
			return orArgument(row.NewText(row.Bytes, b), ok)
		}),
		Doc: "The bytes that a text says in an encoding: hex, utf8, ascii or base64.", Example: "FROM_BYTES(TO_BYTES('416363', 'hex'), 'utf8') = 'Acc'",
	},
	{
		Name: "FROM_BYTES", Signatures: []string{"BYTES, encoding STRING -> STRING"},
		Prepare: encoded(1, func(a []row.Value) (row.Value, error) {
			return row.NewString(encode(a[0].Str(), a[1].Str())), nil
		}),
		Doc: "The bytes as text in an encoding: hex, utf8, ascii or base64.", Example: "FROM_BYTES(TO_BYTES('Acc', 'utf8'), 'base64') = 'QWNj'",
	},
	{
		Name: "ENCODE", Signatures: []string{"text STRING, from STRING, to STRING -> STRING"},
		Prepare: encoded(1, func(a []row.Value) (row.Value, error) {
			b, ok := decode(a[0].Str(), a[1].Str())
			return orArgument(row.NewString(encode(b, a[2].Str())), ok)
		}),
		Doc: "What a text says in one encoding, in another: hex, utf8, ascii or base64.", Example: "ENCODE('416363', 'hex', 'utf8') = 'Acc'",
	},
	{
		Name: "UUID", Signatures: []string{"BYTES -> STRING"}, Eval: uuid,
		Doc:     "16 bytes as a UUID is written; NULL where there are not 16.",
		Example: "UUID(TO_BYTES('000102030405060708090a0b0c0d0e0f', 'hex')) = '00010203-0405-0607-0809-0a0b0c0d0e0f'",
	},
	{
		Name: "INT_FROM_BYTES", Signatures: []string{"BYTES, [order STRING] -> INT"},
		Eval: number(4, func(n uint64) row.Value { return row.NewInt(int64(int32(n))) }),
		Doc:  "4 bytes as an INT, BIG_ENDIAN or LITTLE_ENDIAN; NULL where there are not 4.", Example: "INT_FROM_BYTES(TO_BYTES('000007e5', 'hex')) = 2021",
	},
	{
		Name: "BIGINT_FROM_BYTES", Signatures: []string{"BYTES, [order STRING] -> BIGINT"},
		Eval: number(8, func(n uint64) row.Value { return row.NewBigint(int64(n)) }),
		Doc:  "8 bytes as a BIGINT, BIG_ENDIAN or LITTLE_ENDIAN; NULL where there are not 8.", Example: "BIGINT_FROM_BYTES(TO_BYTES('AAAAASoF8gA=', 'base64')) = 5000000000",
	},
	{
		Name: "DOUBLE_FROM_BYTES", Signatures: []string{"BYTES, [order STRING] -> DOUBLE"},
		Eval: number(8, func(n uint64) row.Value { return row.NewDouble(math.Float64frombits(n)) }),
		Doc:  "8 bytes as a DOUBLE, BIG_ENDIAN or LITTLE_ENDIAN; NULL where there are not 8.", Example: "DOUBLE_FROM_BYTES(TO_BYTES('3ff8000000000000', 'hex')) = 1.5",
	},
}

func orArgument(v row.Value, ok bool) (row.Value, error) {
	if !ok {
		return row.Value{}, ErrArgument
	}
	return v, nil
}

var encodings = []string{"hex", "utf8", "ascii", "base64"}

// encoded is a function whose arguments from i on name encodings.
func encoded(i int, f func([]row.Value) (row.Value, error)) Preparer {
	return func(constants []row.Value, _ []row.Type) (Evaluator, string) {
		for _, c := range constants[i:] {
			if !c.IsNull() && !isEncoding(c) {
				return nil, "there is no encoding '" + c.Str() + "': it is one of " + strings.Join(encodings, ", ")
			}
		}
		return func(a []row.Value, _ row.Type) (row.Value, error) {
			for _, name := range a[i:] {
				if !isEncoding(name) {
					return row.Value{}, ErrArgument
				}
			}
			return f(a)
		}, ""
	}
}

func isEncoding(v row.Value) bool {
	return slices.ContainsFunc(encodings, func(e string) bool { return strings.EqualFold(e, v.Str()) })
}

// decode reads bytes from a text. What is not ASCII is a question mark in ascii,
// as Java has it; hex may be written 0x... or X'...'.
func decode(s, encoding string) (string, bool) {
	switch strings.ToLower(encoding) {
	case "hex":
		b, err := hex.DecodeString(hexDigits(s))
		return string(b), err == nil
	case "base64":
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			b, err = base64.RawStdEncoding.DecodeString(s)
		}
		return string(b), err == nil
	case "ascii":
		return asciiOr(s, '?'), true
	}
	return s, true
}

func hexDigits(s string) string {
	switch {
	case strings.HasPrefix(s, "0x"):
		if s = s[2:]; len(s)%2 != 0 {
			s = "0" + s
		}
	case len(s) >= 3 && (s[0] == 'x' || s[0] == 'X') && s[1] == '\'' && s[len(s)-1] == '\'':
		s = s[2 : len(s)-1]
	}
	return s
}

// encode writes bytes as text. What is no text in utf8 or ascii becomes U+FFFD.
func encode(b, encoding string) string {
	switch strings.ToLower(encoding) {
	case "hex":
		return hex.EncodeToString([]byte(b))
	case "base64":
		return base64.StdEncoding.EncodeToString([]byte(b))
	case "ascii":
		var out strings.Builder
		for i := range len(b) {
			if b[i] < utf8.RuneSelf {
				out.WriteByte(b[i])
			} else {
				out.WriteRune(utf8.RuneError)
			}
		}
		return out.String()
	}
	return strings.ToValidUTF8(b, string(utf8.RuneError))
}

func asciiOr(s string, other rune) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return other
		}
		return r
	}, s)
}

func uuid(a []row.Value, _ row.Type) (row.Value, error) {
	b := a[0].Str()
	if len(b) != 16 {
		return row.Value{}, nil
	}
	digits := hex.EncodeToString([]byte(b))
	return row.NewString(strings.Join([]string{digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]}, "-")), nil
}

// number reads size bytes; NULL where there are more or fewer, or the order is
// none.
func number(size int, f func(uint64) row.Value) Evaluator {
	return func(a []row.Value, _ row.Type) (row.Value, error) {
		var order binary.ByteOrder = binary.BigEndian
		if len(a) == 2 {
			switch a[1].Str() {
			case "BIG_ENDIAN":
			case "LITTLE_ENDIAN":
				order = binary.LittleEndian
			default:
				return row.Value{}, nil
			}
		}
		b := []byte(a[0].Str())
		switch {
		case len(b) != size:
			return row.Value{}, nil
		case size == 4:
			return f(uint64(order.Uint32(b))), nil
		}
		return f(order.Uint64(b)), nil
	}
}
