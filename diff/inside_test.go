package diff_test

import (
	"fmt"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors/numeric"
	"parallax/processors/row"
)

// rowWith returns a row with one value.
func rowWith(v row.Value) row.Change {
	return row.Change{Phase: 1, Step: 1, WindowEnd: 60_000, Key: []row.Value{row.NewString("a")}, Values: []row.Value{v}, Timestamp: 10}
}

func array(values ...row.Value) row.Value { return row.NewArray(values) }

func mapOf(key string, v row.Value) row.Value {
	return row.NewMap([]string{key}, []row.Value{v})
}

func structOf(a, b row.Value) row.Value {
	return row.NewStruct([]string{"A", "B"}, []row.Value{a, b})
}

// nested compares two values of the column V, under rules.
func nested(v1, v2 row.Value, rules ...diff.Rule) diff.Result {
	return ruled([][]row.Change{{rowWith(v1)}}, [][]row.Change{{rowWith(v2)}}, rules...)
}

func TestWhatDiffersInsideAValueIsShownByItsPath(t *testing.T) {
	one, two, text := row.NewInt(1), row.NewInt(2), row.NewString("1")
	decimal := func(unscaled int64, scale int) row.Value { return row.NewDecimal(numeric.Int128Of(unscaled), scale) }
	var long [2][]row.Value
	for i := range 20 {
		long[0], long[1] = append(long[0], row.NewInt(int64(i))), append(long[1], row.NewInt(int64(-i)))
	}
	for _, c := range []struct {
		name   string
		v1, v2 row.Value
		class  diff.Class
		want   string // name, V1 and V2 for each difference
	}{
		{"a field of a STRUCT", structOf(one, one), structOf(one, two), diff.ValueClass, "V.B 1 2"},
		{"an element of an ARRAY", array(one, one, one), array(one, two, one), diff.ValueClass, "V[1] 1 2"},
		{"a MAP's key", mapOf("k", one), mapOf("k", two), diff.ValueClass, "V.k 1 2"},
		{"a MAP's key that is no name", mapOf(`a "b"`, one), mapOf(`a "b"`, two), diff.ValueClass, `V["a \"b\""] 1 2`},
		{"other keys of a MAP", mapOf("k", one), mapOf("l", one), diff.ValueClass, "V.k 1 (absent); V.l (absent) 1"},
		{"a NULL and no key", mapOf("k", row.Value{}), row.NewMap(nil, nil), diff.ValueClass, "V.k NULL (absent)"},
		{"a longer ARRAY", array(one), array(one, two), diff.ValueClass, "V[1] (absent) 2"},
		{"several levels", array(structOf(one, mapOf("k", array(one)))), array(structOf(two, mapOf("k", array(two)))), diff.ValueClass, "V[0].A 1 2; V[0].B.k[0] 1 2"},
		{"a text for a number", array(one), array(text), diff.ValueClass, "V[0] 1 (INT) 1 (STRING)"},
		{"NULL for an ARRAY", structOf(array(one), one), structOf(row.Value{}, one), diff.ValueClass, "V.A [1] NULL"},
		{"another scale", array(decimal(110, 2)), array(decimal(11, 1)), diff.TypeClass, "V[0] 1.10 1.1"},
		{"another type", structOf(one, one), structOf(one, row.NewBigint(1)), diff.TypeClass, "V.B 1 (INT) 1 (BIGINT)"},
		{"another scale and another number", array(decimal(110, 2), one), array(decimal(11, 1), two), diff.ValueClass, "V[0] 1.10 1.1; V[1] 1 2"},
		{"numbers of JSON", array(diff.JSONNumber("1e2")), array(diff.JSONNumber("100")), diff.TypeClass, "V[0] 1e2 100"},
		{"more than are shown", row.NewArray(long[0]), row.NewArray(long[1]), diff.ValueClass, "V[1] 1 -1; V[2] 2 -2; V[3] 3 -3; V[4] 4 -4; V[5] 5 -5; V[6] 6 -6; V[7] 7 -7; V[8] 8 -8; V (11 more) ... ..."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := nested(c.v1, c.v2)
			if len(r.Signatures) != 1 || r.ByClass[c.class] != 1 || fmt.Sprint(r.Signatures[0].Columns) != "[V]" {
				t.Fatalf("%v, %+v: want one signature of class %s, for column V", r.ByClass, r.Signatures, c.class)
			}
			var shown []string
			for _, column := range r.Signatures[0].Example.Columns {
				shown = append(shown, column.Name+" "+column.V1+" "+column.V2)
			}
			if got := strings.Join(shown, "; "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTimesInsideAValueAreShownAsTimes(t *testing.T) {
	r := nested(array(row.NewTimestamp(0)), array(row.NewTimestamp(1000)))
	if c := r.Signatures[0].Example.Columns[0]; c.Text(c.V2) != "1970-01-01 00:00:01Z" {
		t.Errorf("%s: %s", c.Name, c.Text(c.V2))
	}
}

func TestNumbersOfJSONAreShownAsTheyAreWritten(t *testing.T) {
	v1 := array(diff.JSONNumber("1.50e2"), mapOf("k", diff.JSONNumber("-2E+400")), row.NewString("x"))
	ex := nested(v1, diff.JSONNumber("1e2")).Signatures[0].Example
	if want := `{"V":[1.50e2,{"k":-2E+400},"x"]}`; ex.V1 != want || ex.V2 != `{"V":1e2}` {
		t.Errorf("%s and %s, want %s", ex.V1, ex.V2, want)
	}
}
