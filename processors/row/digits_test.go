package row_test

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

func TestNumbersAreWrittenAsStrconvWritesThem(t *testing.T) {
	for n, shift := uint64(0), 0; shift < 64; shift++ {
		for _, around := range []uint64{n, 1 << shift, 1<<shift - 1} {
			if got, want := string(row.AppendUint([]byte("x"), around)), "x"+strconv.FormatUint(around, 10); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		n = n*10 + 9
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		if got, want := string(row.AppendInt(nil, n)), strconv.FormatInt(n, 10); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}
