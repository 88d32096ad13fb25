package signature

import (
	"testing"

	"parallax/processors/row"
)

func array(t row.Type) row.Type { return row.Type{Kind: row.Array, Elem: &t} }

func TestSignaturesTypeTheirCalls(t *testing.T) {
	null, whole, wide, text := row.Type{}, row.Of(row.Int), row.Of(row.Bigint), row.Of(row.String)
	for _, c := range []struct {
		signature string
		args      []row.Type
		want      string // the result, "" where the call is refused
		exact     bool
	}{
		{"N -> N", []row.Type{whole}, "INT", true},
		{"N -> N", []row.Type{text}, "", false},
		{"N -> N", []row.Type{null}, "INT", true},
		{"N -> N+1", []row.Type{whole}, "INT", true},
		{"N -> N+1", []row.Type{row.DecimalType(3, 2)}, "DECIMAL(4, 2)", true},
		{"N, [digits INT] -> N+1", []row.Type{row.DecimalType(38, 2), whole}, "DECIMAL(38, 2)", true},
		{"T... -> T", []row.Type{whole, wide, null}, "BIGINT", false},
		{"T... -> T", []row.Type{whole, text}, "", false},
		{"T, T -> T", []row.Type{null, null}, "STRING", true},
		{"ARRAY<T>, T -> BOOLEAN", []row.Type{array(whole), wide}, "BOOLEAN", false},
		{"ARRAY<T>, T -> ARRAY<T>", []row.Type{array(whole), row.DecimalType(4, 2)}, "ARRAY<DECIMAL(12, 2)>", false},
		{"ARRAY<T> -> T", []row.Type{text}, "", false},
		{"ARRAY<P> -> P", []row.Type{array(array(whole))}, "", false},
		{"ARRAY<T> -> T", []row.Type{array(array(whole))}, "ARRAY<INT>", true},
		{"DOUBLE, [digits INT] -> DOUBLE", []row.Type{row.DecimalType(4, 2)}, "DOUBLE", false},
		{"DOUBLE, [digits INT] -> DOUBLE", []row.Type{whole, wide}, "", false},
		{"MAP<STRING, T> -> ARRAY<STRUCT<K STRING, V T>>", []row.Type{{Kind: row.Map, Elem: &wide}}, "ARRAY<STRUCT<K STRING, V BIGINT>>", true},
	} {
		s := parseSignature(c.signature)
		args := make([]Argument, len(c.args))
		for i, a := range c.args {
			args[i].Type = a
		}
		typed, exact, _, wrong, err := s.match(args)
		if err != nil {
			t.Error(err)
		}
		got := ""
		if wrong == "" {
			got = typed.Result.String()
		}
		if got != c.want || exact != c.exact && c.want != "" {
			t.Errorf("%s of %v gives %q (exact %v, %s), want %q (exact %v)", c.signature, c.args, got, exact, wrong, c.want, c.exact)
		}
	}
}

func TestSignaturesSayHowManyArgumentsTheyTake(t *testing.T) {
	for _, c := range []struct {
		signature   string
		takes, does []int
	}{
		{"-> DOUBLE", []int{0}, []int{1}},
		{"STRING, [INT], [INT] -> STRING", []int{1, 2, 3}, []int{0, 4}},
		{"STRING, STRING... -> STRING", []int{2, 3, 9}, []int{0, 1}},
	} {
		s := parseSignature(c.signature)
		for _, n := range c.takes {
			if !s.takes(n) {
				t.Errorf("%s does not take %d", c.signature, n)
			}
		}
		for _, n := range c.does {
			if s.takes(n) {
				t.Errorf("%s takes %d", c.signature, n)
			}
		}
	}
}
