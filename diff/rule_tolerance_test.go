package diff_test

import (
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors/row"
)

// ruleFor is a valid rule for a column or a path in it.
func ruleFor(column string, change func(*diff.Rule)) diff.Rule {
	r := allowing(change)
	r.Column = column
	return r
}

// Each kind of rule tolerates what it names and nothing beyond it: not in another type, not
// at another path, and not a value that is missing.
func TestWhatEachKindOfRuleTolerates(t *testing.T) {
	text := row.NewString
	number := diff.JSONNumber
	null := row.Value{}
	empty := row.NewMap(nil, nil)
	item := func(id string, price float64) row.Value {
		return row.NewStruct([]string{"ID", "PRICE"}, []row.Value{text(id), row.NewDouble(price)})
	}
	jsonItem := func(id, price string) row.Value {
		return row.NewMap([]string{"id", "price"}, []row.Value{number(id), number(price)})
	}
	const one, two = "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6BA7B811-9DAD-11D1-80B4-00C04FD430C8"

	ignoreCase := func(r *diff.Rule) { r.IgnoreCase = true }
	space := func(r *diff.Rule) { r.IgnoreSpace = true }
	caseAndSpace := func(r *diff.Rule) { r.IgnoreCase, r.IgnoreSpace = true, true }
	uuid := func(r *diff.Rule) { r.UUID = true }
	epsilon := func(r *diff.Rule) { r.Epsilon = 0.01 }
	second := func(r *diff.Rule) { r.Time = time.Second }
	absentNull := func(r *diff.Rule) { r.NullIs = "absent" }
	emptyNull := func(r *diff.Rule) { r.NullIs = "empty" }
	onlyIn := func(side string) func(*diff.Rule) { return func(r *diff.Rule) { r.OnlyIn = side } }
	bag := func(r *diff.Rule) { r.Bag = true }
	by := func(fields string) func(*diff.Rule) { return func(r *diff.Rule) { r.PairBy = fields } }
	absolute := func(r *diff.Rule) { r.Absolute = 0.5 }

	for _, c := range []struct {
		name   string
		v1, v2 row.Value
		rules  []diff.Rule
		ok     bool
	}{
		{"case", text("Zürich"), text("ZÜRICH"), []diff.Rule{ruleFor("V", ignoreCase)}, true},
		{"case, another letter", text("Zürich"), text("ZURICH"), []diff.Rule{ruleFor("V", ignoreCase)}, false},
		{"case, white space as well", text("a b"), text("A  b"), []diff.Rule{ruleFor("V", ignoreCase)}, false},
		{"case and white space", text("a b"), text(" A  b\n"), []diff.Rule{ruleFor("V", caseAndSpace)}, true},
		{"case, NULL", text("null"), null, []diff.Rule{ruleFor("V", ignoreCase)}, false},
		{"white space", text("a  b\t"), text(" a b"), []diff.Rule{ruleFor("V", space)}, true},
		{"white space inside of a word", text("ab"), text("a b"), []diff.Rule{ruleFor("V", space)}, false},
		{"white space, a number", text(" 1"), row.NewInt(1), []diff.Rule{ruleFor("V", space)}, false},
		{"UUIDs", text(one), text(two), []diff.Rule{ruleFor("V", uuid)}, true},
		{"no UUID", text(one), text(two[:35]), []diff.Rule{ruleFor("V", uuid)}, false},
		{"a UUID and NULL", text(one), null, []diff.Rule{ruleFor("V", uuid)}, false},

		{"epsilon of the larger number", row.NewDouble(1000), row.NewDouble(1010), []diff.Rule{ruleFor("V", epsilon)}, true},
		{"epsilon of V1's number, which is the larger one", row.NewDouble(1010), row.NewDouble(1000), []diff.Rule{ruleFor("V", epsilon)}, true},
		{"beyond epsilon", row.NewDouble(1000), row.NewDouble(1010.2), []diff.Rule{ruleFor("V", epsilon)}, false},
		{"near zero, the floor of 1", row.NewDouble(0), row.NewDouble(0.01), []diff.Rule{ruleFor("V", epsilon)}, true},
		{"near zero, across it", row.NewDouble(-0.005), row.NewDouble(0.004), []diff.Rule{ruleFor("V", epsilon)}, true},
		{"near zero, beyond the floor", row.NewDouble(0), row.NewDouble(0.011), []diff.Rule{ruleFor("V", epsilon)}, false},
		{"epsilon, numbers of JSON", number("1e3"), number("1009.5"), []diff.Rule{ruleFor("V", epsilon)}, true},
		{"epsilon, another type", row.NewInt(1000), row.NewDouble(1001), []diff.Rule{ruleFor("V", epsilon)}, false},

		{"time as text", text("2026-01-02T03:04:05Z"), text("2026-01-02T04:04:05.999+01:00"), []diff.Rule{ruleFor("V", second)}, true},
		{"time as text, too late", text("2026-01-02T03:04:05Z"), text("2026-01-02T03:04:06.001Z"), []diff.Rule{ruleFor("V", second)}, false},
		{"a time and a text that is none", text("2026-01-02T03:04:05Z"), text("2026-01-02"), []diff.Rule{ruleFor("V", second)}, false},

		{"NULL is absent", mapOf("k", null), empty, []diff.Rule{ruleFor("V", absentNull)}, true},
		{"absent is NULL", empty, mapOf("k", null), []diff.Rule{ruleFor("V.k", absentNull)}, true},
		{"a value is not absent", mapOf("k", row.NewInt(1)), empty, []diff.Rule{ruleFor("V", absentNull)}, false},
		{"NULL is absent, at another path", mapOf("k", null), empty, []diff.Rule{ruleFor("V.l", absentNull)}, false},
		{"a column that is absent", null, diff.Absent, []diff.Rule{ruleFor("V", absentNull)}, true},
		{"NULL is an empty text", text(""), null, []diff.Rule{ruleFor("V", emptyNull)}, true},
		{"NULL is an empty ARRAY", null, array(), []diff.Rule{ruleFor("V", emptyNull)}, true},
		{"NULL is an empty MAP", empty, null, []diff.Rule{ruleFor("V", emptyNull)}, true},
		{"NULL is no space", text(" "), null, []diff.Rule{ruleFor("V", emptyNull)}, false},
		{"NULL is no zero", row.NewInt(0), null, []diff.Rule{ruleFor("V", emptyNull)}, false},
		{"empty is not absent", mapOf("k", text("")), empty, []diff.Rule{ruleFor("V", emptyNull)}, false},

		{"a key only in V2", empty, mapOf("k", text("x")), []diff.Rule{ruleFor("V", onlyIn("v2"))}, true},
		{"a key only in V1", mapOf("k", text("x")), empty, []diff.Rule{ruleFor("V", onlyIn("v2"))}, false},
		{"a key in either", mapOf("k", text("x")), mapOf("l", text("x")), []diff.Rule{ruleFor("V", onlyIn("either"))}, true},
		{"a key in both", mapOf("k", text("x")), mapOf("k", text("y")), []diff.Rule{ruleFor("V", onlyIn("either"))}, false},
		{"a column only in V1", text("x"), diff.Absent, []diff.Rule{ruleFor("V", onlyIn("v1"))}, true},
		{"a column only in V2", diff.Absent, text("x"), []diff.Rule{ruleFor("V", onlyIn("v1"))}, false},

		{"a bag", array(text("a"), text("b"), text("a")), array(text("b"), text("a"), text("a")), []diff.Rule{ruleFor("V", bag)}, true},
		{"a bag, one element more often", array(text("a"), text("b")), array(text("b"), text("b")), []diff.Rule{ruleFor("V", bag)}, false},
		{"a bag, one element more", array(text("a")), array(text("a"), text("a")), []diff.Rule{ruleFor("V", bag)}, false},
		{"a bag, one element more, tolerated", array(text("b"), text("a")), array(text("a"), text("b"), text("a")), []diff.Rule{ruleFor("V", bag), ruleFor("V[]", onlyIn("v2"))}, true},
		{"a bag of numbers that differ a little", array(row.NewDouble(1), row.NewDouble(2)), array(row.NewDouble(2.001), row.NewDouble(1.001)), []diff.Rule{ruleFor("V", bag), ruleFor("V[]", epsilon)}, true},
		{"a bag at another path", mapOf("k", array(text("a"), text("b"))), mapOf("k", array(text("b"), text("a"))), []diff.Rule{ruleFor("V.l", bag)}, false},
		{"a bag at a path", mapOf("k", array(text("a"), text("b"))), mapOf("k", array(text("b"), text("a"))), []diff.Rule{ruleFor("V.k", bag)}, true},

		{"paired by a field", array(item("a", 1), item("b", 2)), array(item("b", 2), item("a", 1)), []diff.Rule{ruleFor("V", by("ID"))}, true},
		{"paired, another price", array(item("a", 1), item("b", 2)), array(item("b", 2.25), item("a", 1)), []diff.Rule{ruleFor("V", by("ID"))}, false},
		{"paired, another price, tolerated", array(item("a", 1), item("b", 2)), array(item("b", 2.25), item("a", 1)), []diff.Rule{ruleFor("V", by("ID")), ruleFor("V[]->PRICE", absolute)}, true},
		{"paired, another price of one element, tolerated", array(item("a", 1), item("b", 2)), array(item("b", 2.25), item("a", 1)), []diff.Rule{ruleFor("V", by("ID")), ruleFor("V[1].PRICE", absolute)}, true},
		{"paired, one element is missing", array(item("a", 1), item("b", 2)), array(item("b", 2)), []diff.Rule{ruleFor("V", by("ID"))}, false},
		{"paired, one element may be missing", array(item("a", 1), item("b", 2)), array(item("b", 2)), []diff.Rule{ruleFor("V", by("ID")), ruleFor("V[]", onlyIn("v1"))}, true},
		{"paired by two fields", array(item("a", 1), item("a", 2)), array(item("a", 2), item("a", 1)), []diff.Rule{ruleFor("V", by("ID, PRICE"))}, true},
		{"paired by a field that is not unique", array(item("a", 1), item("a", 2)), array(item("a", 2), item("a", 1)), []diff.Rule{ruleFor("V", by("ID"))}, false},
		{"paired by a field that is not there", array(item("a", 1), item("b", 2)), array(item("b", 2), item("a", 1)), []diff.Rule{ruleFor("V", by("NAME"))}, false},
		{"paired by numbers of JSON", array(jsonItem("1", "5"), jsonItem("2", "6")), array(jsonItem("2", "6"), jsonItem("1", "5")), []diff.Rule{ruleFor("V", by("id"))}, true},
		{"texts are not paired", array(text("a"), text("b")), array(text("b"), text("a")), []diff.Rule{ruleFor("V", by("ID"))}, false},

		{"at a path of SQL", mapOf("at", text("x")), mapOf("at", text("X")), []diff.Rule{ruleFor("V->at", ignoreCase)}, true},
		{"at another path of SQL", mapOf("at", text("x")), mapOf("at", text("X")), []diff.Rule{ruleFor("V->on", ignoreCase)}, false},
		{"two rules for two differences", structOf(text("x"), null), structOf(text("X"), text("")), []diff.Rule{ruleFor("V.A", ignoreCase), ruleFor("V.B", emptyNull)}, true},
		{"one rule for two differences", structOf(text("x"), null), structOf(text("X"), text("")), []diff.Rule{ruleFor("V.A", ignoreCase)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range c.rules {
				if err := r.Validate(); err != nil {
					t.Fatal(err)
				}
			}
			r := nested(c.v1, c.v2, c.rules...)
			if ok := r.Root+r.Cascade == 0 && r.LevelHeld == diff.E1; ok != c.ok {
				t.Errorf("%v at %s, want tolerated: %v", r.ByClass, r.LevelHeld, c.ok)
			}
			for _, rule := range r.Tolerated {
				if rule.Of != 1 || rule.Rows > 0 != c.ok && c.ok || !c.ok && rule.Rows > 0 || rule.Rows > 0 != (rule.Example != nil) {
					t.Errorf("%s: %d of %d rows, example %v", rule.Text, rule.Rows, rule.Of, rule.Example)
				}
			}
		})
	}
}

// What a rule hid can be looked at: the number of rows, the rate, the first and the latest.
func TestHitsOfRulesForNestedValuesAreCountedAndShown(t *testing.T) {
	text := row.NewString
	rows := func(values ...row.Value) (batches [][]row.Change) {
		for i, v := range values {
			c := rowWith(v)
			c.Position = int64(i)
			batches = append(batches, []row.Change{c})
		}
		return batches
	}
	list := func(names ...string) row.Value {
		var values []row.Value
		for _, name := range names {
			values = append(values, text(name))
		}
		return array(values...)
	}
	v1 := rows(list("a", "b"), list("a", "b"), list("a", "b"), list("a", "c"))
	v2 := rows(list("b", "a"), list("a", "b"), list("a", "d"), list("c", "a"))
	r := ruled(v1, v2, ruleFor("V", func(r *diff.Rule) { r.Bag = true }), ruleFor("V", func(r *diff.Rule) { r.IgnoreCase = true }))
	bag, unused := r.Tolerated[0], r.Tolerated[1]
	if bag.Rows != 2 || bag.Of != 4 || bag.Rate() != 0.5 || unused.Rows != 0 || unused.Of != 4 || r.Root != 1 {
		t.Errorf("%d and %d of %d rows tolerated, %d roots", bag.Rows, unused.Rows, bag.Of, r.Root)
	}
	if want := `{"V":["a","b"]}`; bag.Example.V1 != want || bag.Latest.V2 != `{"V":["c","a"]}` {
		t.Errorf("first %s, latest %s", bag.Example.V1, bag.Latest.V2)
	}
	if want := "V: elements in any order"; bag.Text != want {
		t.Errorf("%q, want %q", bag.Text, want)
	}
	expired := bag.Rule
	expired.Expires = "2026-03-01"
	if !expired.Expired(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)) || expired.Expired(time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)) {
		t.Error("a rule expires when its last day is over")
	}
}

func TestARuleSaysWhatItTolerates(t *testing.T) {
	for want, change := range map[string]func(*diff.Rule){
		"out.V: within 0.5 of the larger value or of 1": func(r *diff.Rule) { r.Epsilon = 0.5 },
		"out.V: case and white space ignored":           func(r *diff.Rule) { r.IgnoreCase, r.IgnoreSpace = true, true },
		"out.V: case ignored":                           func(r *diff.Rule) { r.IgnoreCase = true },
		"out.V: white space ignored":                    func(r *diff.Rule) { r.IgnoreSpace = true },
		"out.V: any UUID":                               func(r *diff.Rule) { r.UUID = true },
		"out.V: NULL is absent":                         func(r *diff.Rule) { r.NullIs = "absent" },
		"out.V: may be only in v2":                      func(r *diff.Rule) { r.OnlyIn = "v2" },
		"out.V: elements paired by ID":                  func(r *diff.Rule) { r.PairBy = "ID" },
	} {
		r := allowing(change)
		if r.Topic = "out"; !strings.EqualFold(r.String(), want) {
			t.Errorf("%q, want %q", r, want)
		}
	}
}
