package codec

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestWordsAreReadAsTheirBytesAre compares each test on eight bytes with the same test byte
// by byte.
func TestWordsAreReadAsTheirBytesAre(t *testing.T) {
	tests := []struct {
		name  string
		marks func(w uint64) uint64
		isHit func(c byte) bool
	}{
		{"notPlain", notPlain, func(c byte) bool { return c < ' ' || c > 0x7f || c == '"' || c == '\\' }},
		{"notDigits", func(w uint64) uint64 { return notDigits(digits(w)) }, func(c byte) bool { return c < '0' || c > '9' }},
		{"notNumeric", notNumeric, func(c byte) bool { return !strings.ContainsRune("0123456789.-/", rune(c)) || c > 0x7f }},
	}
	r := rand.New(rand.NewPCG(1, 1))
	const common = "00112233445566778899.-/,:}\"\\ abcXYZ"
	for range 200_000 {
		var b [8]byte
		for i := range b {
			if b[i] = common[r.IntN(len(common))]; r.IntN(8) == 0 {
				b[i] = byte(r.IntN(256))
			}
		}
		for _, test := range tests {
			want := 8
			for i := len(b) - 1; i >= 0; i-- {
				if test.isHit(b[i]) {
					want = i
				}
			}
			if got := first(test.marks(binary.LittleEndian.Uint64(b[:]))); got != want {
				t.Fatalf("%s of %q is first at %d, want %d", test.name, b, got, want)
			}
		}
	}
}

func TestNumbersOfOneToEightDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 100_000 {
		n := 1 + r.IntN(8)
		want := r.Uint64N(powers[n])
		text := strconv.FormatUint(want, 10)
		text = strings.Repeat("0", n-len(text)) + text + ",\"a\":123"
		if got := number(digits(binary.LittleEndian.Uint64([]byte(text))), n); got != want {
			t.Fatalf("the first %d digits of %s are %d", n, text, got)
		}
	}
}
