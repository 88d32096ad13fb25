package row

import "testing"

func TestAFootprintCountsTextsAndWhatIsNested(t *testing.T) {
	text := NewString("1234567890")
	for _, c := range []struct {
		v    Value
		want int
	}{
		{Value{}, 24},
		{NewBigint(1), 24},
		{text, 34},
		{NewArray([]Value{text, NewBigint(1)}), 48 + 34 + 24},
		{NewMap([]string{"abc"}, []Value{NewBigint(1)}), 48 + 16 + 3 + 24},
		{NewStruct([]string{"abc"}, []Value{NewBigint(1)}), 48 + 24}, // names are shared
	} {
		if got := c.v.Footprint(); got != c.want {
			t.Errorf("%s: %d, want %d", c.v, got, c.want)
		}
	}
}
