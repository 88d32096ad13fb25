package diff_test

import (
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors/row"
)

func TestARuleReachesWhatIsInsideOfAColumn(t *testing.T) {
	item := func(price float64, n int64) row.Value {
		return row.NewStruct([]string{"PRICE", "N"}, []row.Value{row.NewDouble(price), row.NewBigint(n)})
	}
	number := diff.JSONNumber
	at := func(column string, change func(*diff.Rule)) diff.Rule {
		r := allowing(change)
		r.Column = column
		return r
	}
	abs := func(r *diff.Rule) { r.Absolute = 0.5 }
	ignore := func(r *diff.Rule) { r.Ignore = true }
	for _, c := range []struct {
		name   string
		v1, v2 row.Value
		rules  []diff.Rule
		ok     bool
	}{
		{"of a column, each number inside", array(item(1, 7), item(2, 7)), array(item(1.5, 7), item(2.25, 7)), []diff.Rule{at("v", abs)}, true},
		{"of a column, one number too far", array(item(1, 7), item(2, 7)), array(item(1.5, 7), item(2.75, 7)), []diff.Rule{at("v", abs)}, false},
		{"relative", mapOf("k", row.NewDouble(1000)), mapOf("k", row.NewDouble(1010)), []diff.Rule{at("V", func(r *diff.Rule) { r.Relative = 0.01 })}, true},
		{"too far, relative", mapOf("k", row.NewDouble(1000)), mapOf("k", row.NewDouble(1011)), []diff.Rule{at("V", func(r *diff.Rule) { r.Relative = 0.01 })}, false},
		{"units in the last place", array(row.NewDouble(0.3)), array(row.NewDouble(0.30000000000000004)), []diff.Rule{within(1)}, true},
		{"time", array(row.NewTimestamp(0)), array(row.NewTimestamp(5)), []diff.Rule{at("V", func(r *diff.Rule) { r.Time = 5 * time.Millisecond })}, true},
		{"too late", array(row.NewTimestamp(0)), array(row.NewTimestamp(6)), []diff.Rule{at("V", func(r *diff.Rule) { r.Time = 5 * time.Millisecond })}, false},
		{"ignored", array(item(1, 7)), array(), []diff.Rule{at("V", ignore)}, true},

		{"at a path, each element", array(item(1, 7), item(2, 7)), array(item(1.5, 7), item(2.25, 7)), []diff.Rule{at("v[].PRICE", abs)}, true},
		{"at a path, one element", array(item(1, 7), item(2, 7)), array(item(1, 7), item(2.25, 7)), []diff.Rule{at("V[1].PRICE", abs)}, true},
		{"at a path, another element", array(item(1, 7), item(2, 7)), array(item(1.25, 7), item(2, 7)), []diff.Rule{at("V[1].PRICE", abs)}, false},
		{"at a path, another field", array(item(1, 7)), array(item(1, 8)), []diff.Rule{at("V[].PRICE", ignore)}, false},
		{"at a path, and another one", array(item(1, 7)), array(item(1.5, 8)), []diff.Rule{at("V[].PRICE", abs), at("V[].N", ignore)}, true},
		{"at the path of what holds it", array(item(1, 7)), array(item(1.5, 8)), []diff.Rule{at("V[0]", ignore)}, true},
		{"at a path, a longer ARRAY", array(item(1, 7)), array(item(1, 7), item(1, 7)), []diff.Rule{at("V[].PRICE", ignore)}, false},
		{"at a path, the field alone in its own case", array(item(1, 7)), array(item(1.5, 7)), []diff.Rule{at("V[].price", abs)}, false},
		{"at a path that only begins with it", mapOf("price", row.NewInt(1)), mapOf("price", row.NewInt(2)), []diff.Rule{at("V.pri", ignore)}, false},
		{"at a key that is no name", mapOf("a b", row.NewInt(1)), mapOf("a b", row.NewInt(2)), []diff.Rule{at(`V["a b"]`, ignore)}, true},
		{"at a key in quotes", mapOf("k", row.NewInt(1)), mapOf("k", row.NewInt(2)), []diff.Rule{at(`V["k"]`, ignore)}, true},
		{"any element is no key", mapOf("0", row.NewInt(1)), mapOf("0", row.NewInt(2)), []diff.Rule{at("V[]", ignore)}, false},
		{"a key that only V2 has", mapOf("k", row.NewInt(1)), row.NewMap([]string{"k", "l"}, []row.Value{row.NewInt(1), row.NewInt(1)}), []diff.Rule{at("V", abs)}, false},
		{"a key that only V2 has, ignored", mapOf("k", row.NewInt(1)), row.NewMap([]string{"k", "l"}, []row.Value{row.NewInt(1), row.NewInt(1)}), []diff.Rule{at("V.l", ignore)}, true},

		{"numbers of JSON", array(number("999.5")), array(number("1e3")), []diff.Rule{at("V", abs)}, true},
		{"numbers of JSON, too far", array(number("999")), array(number("1e3")), []diff.Rule{at("V", abs)}, false},
		{"a number of JSON that is the column", number("999.5"), number("1e3"), []diff.Rule{at("V", abs)}, true},
		{"units in the last place of JSON", number("1e21"), number("1.0000000000000001e21"), []diff.Rule{within(1)}, true},
		{"another spelling", array(number("100")), array(number("1e2")), []diff.Rule{at("V", abs)}, false},
		{"beyond what is calculated with", number("1e5000"), number("2e5000"), []diff.Rule{at("V", func(r *diff.Rule) { r.Relative = 2 })}, false},
		{"another type inside", array(row.NewInt(7)), array(row.NewBigint(8)), []diff.Rule{at("V", func(r *diff.Rule) { r.Absolute = 5 })}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := nested(c.v1, c.v2, c.rules...)
			if ok := r.Root+r.Cascade == 0 && r.LevelHeld == diff.E1; ok != c.ok {
				t.Errorf("%v at %s", r.ByClass, r.LevelHeld)
			}
			for _, rule := range r.Tolerated {
				if rule.Of != 1 || rule.Rows > 0 != c.ok {
					t.Errorf("%+v", rule)
				}
			}
		})
	}
}

func TestARuleWhosePathNoColumnHasIsRefused(t *testing.T) {
	integer := row.Of(row.Bigint)
	item := row.Type{Kind: row.Struct, Fields: []row.Column{{Name: "PRICE", Type: integer}}}
	s := sink()
	s.Values = []row.Column{
		{Name: "N", Type: integer},
		{Name: "ITEMS", Type: row.Type{Kind: row.Array, Elem: &item}},
		{Name: "M", Type: row.Type{Kind: row.Map, Elem: &item}},
		{Name: "A.B", Type: integer},
		{Name: "UNKNOWN"},
	}
	for column, ok := range map[string]bool{
		"items": true, "ITEMS[]": true, "items[3].PRICE": true, `ITEMS[]["PRICE"]`: true, "M.k": true, "M.k.PRICE": true, `M["a b"].PRICE`: true,
		"a.b": true, "unknown.x[1].y": true, "UNKNOWN[]": true,
		"ITEMS[]->PRICE": true, "M->k": true, "M->k.PRICE": true, "ITEMS->PRICE": false, "M->": false,
		"ITEMS.PRICE": false, "ITEMS[].COST": false, "ITEMS[].price": false, "ITEMS[0": false, "ITEMS[x]": false, "ITEMS[].": false, "ITEMS[].PRICE.x": false,
		"M[0]": false, "M[]": false, "M..k": false, `M["k]`: false, "N.x": false, "N[]": false, "A": false, "timestamp.x": false, "ITEM": false, "UNKNOWN.": false,
	} {
		r := within(1)
		r.Column = column
		if err := diff.CheckRules([]diff.Rule{r}, []*row.Sink{s}); (err == nil) != ok {
			t.Errorf("%s: %v", column, err)
		}
	}
}
