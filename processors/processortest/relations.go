package processortest

import (
	"encoding/json"
	"fmt"
	"strings"

	"parallax/processors/processortest/generate"
	"parallax/processors/sql"
)

// relation is a relation between the outputs of a random script and of another script
// derived from it. It holds for any meaning of the script, so it finds mistakes in the
// parser, planner and functions, which the oracle shares with the engine. check returns how
// it fails, "" if it holds; said is false if it does not apply to the script.
type relation struct {
	name  string
	check func(*generate.Case) (difference string, said bool)
}

var relations = []relation{
	{"a script that is printed and read again is the same", printedAndRead},
	{"WHERE p, NOT p and p IS NULL part the records as p does in SELECT", partedByWhere},
	{"EMIT FINAL shows what EMIT CHANGES shows last", lastIsFinal},
	{"a constant gives what a column gives that holds it", constantsAsColumns},
	{"a field whose name differs from a column's only in case changes nothing beside the column's own", spelledExactly},
}

// related returns which relation fails.
func related(random *generate.Case) string {
	for _, r := range relations {
		if d, _ := r.check(random); d != "" {
			return r.name + ": " + d
		}
	}
	return ""
}

func printedAndRead(random *generate.Case) (string, bool) {
	text := random.Script.String()
	script, err := sql.Parse(text)
	if err != nil {
		return err.Error(), true
	}
	return DiffLines(text, script.String()), true
}

// outLine is a line of "records out", with the fields that relations use.
type outLine struct {
	Topic  string
	Key    json.RawMessage
	Window json.RawMessage
	Value  json.RawMessage
	Cause  json.RawMessage
}

// rowsOf runs a script with V1; ok is false if the script is invalid.
func rowsOf(c *generate.Case) (rows []outLine, told *result, ok bool) {
	made, err := newCase(golden(c))
	if err != nil {
		return nil, nil, false
	}
	v1 := Named("v1")
	told, err = made.run(v1, v1, all, -1)
	if err != nil {
		return nil, nil, false // the variants' runs report it
	}
	for text := range strings.Lines(told.Output) {
		var l outLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return nil, nil, false
		}
		rows = append(rows, l)
	}
	return rows, told, true
}

// partedByWhere tests the first query that has a condition.
func partedByWhere(random *generate.Case) (string, bool) {
	q := generate.QueryWith(random, func(s *sql.Select) bool { return s.Where != nil && len(s.Joins) == 0 })
	if q == nil {
		return "", false
	}
	p := q.Where
	c := random.With("", generate.Projection(q, "IS_TRUE", nil, p),
		generate.Projection(q, "IS_FALSE", nil, &sql.Unary{Op: "NOT", X: p}),
		generate.Projection(q, "IS_NULL", nil, &sql.IsNull{X: p}),
		generate.Projection(q, "SHOWN", p, nil))
	rows, told, ok := rowsOf(c)
	if !ok {
		return "", false
	}
	sink := map[string]string{}
	nulls, unknown := int64(0), int64(0)
	for _, l := range rows {
		switch {
		case l.Topic == "SHOWN" || string(l.Value) == "null":
		case sink[string(l.Cause)] != "":
			return fmt.Sprintf("record %s is in %s and %s", l.Cause, sink[string(l.Cause)], l.Topic), true
		default:
			sink[string(l.Cause)] = l.Topic
		}
	}
	for _, l := range rows {
		if l.Topic != "SHOWN" || string(l.Value) == "null" {
			continue
		}
		var value struct{ X *bool }
		if err := json.Unmarshal(l.Value, &value); err != nil {
			return err.Error(), true
		}
		want := "IS_NULL"
		switch {
		case value.X == nil:
			unknown++
		case *value.X:
			want = "IS_TRUE"
		default:
			want = "IS_FALSE"
		}
		got := sink[string(l.Cause)]
		if got != want && !(got == "" && value.X == nil) { // an expression that fails is in none of the parts
			return fmt.Sprintf("record %s is in %q and shows %s", l.Cause, got, l.Value), true
		}
		if got == "IS_NULL" {
			nulls++
		}
	}
	if errors := told.total.ExpressionErrors; errors != 4*(unknown-nulls) {
		return fmt.Sprintf("of %d records without an answer %d are NULL, and %d errors are counted in four queries", unknown, nulls, errors), true
	}
	return "", true
}

// lastIsFinal tests the first aggregation.
func lastIsFinal(random *generate.Case) (string, bool) {
	q := generate.QueryWith(random, func(s *sql.Select) bool {
		return s.Limit == "" && (len(s.GroupBy) > 0 || s.Having != nil || s.Window != nil) && (s.Window == nil || s.Window.Grace >= 0)
	})
	if q == nil || strings.Contains(random.Options, "no flush") {
		return "", false
	}
	emit := func(name string, e sql.Emit) sql.Statement {
		s := *q
		s.Emit, s.Limit = e, "" // which rows are the first is another question
		return &sql.CreateAs{Table: true, Name: sql.Name{Text: name}, Select: &s}
	}
	rows, _, ok := rowsOf(random.With(random.Options, emit("CHANGES", sql.EmitChanges), emit("FINAL", sql.EmitFinal)))
	if !ok {
		return "", false
	}
	last := map[string]map[string]string{"CHANGES": {}, "FINAL": {}}
	for _, l := range rows {
		last[l.Topic][string(l.Key)+string(l.Window)] = string(l.Value)
	}
	for identity, value := range last["CHANGES"] {
		if value == "null" {
			value = ""
		}
		if final := last["FINAL"][identity]; final != value {
			return fmt.Sprintf("%s is %q at last, and %q in the end", identity, value, final), true
		}
		delete(last["FINAL"], identity)
	}
	for identity, final := range last["FINAL"] {
		return fmt.Sprintf("%s is %s in the end, and was not there", identity, final), true
	}
	return "", true
}

// constantsAsColumns tests the first projection.
func constantsAsColumns(random *generate.Case) (string, bool) {
	plain, lifted := generate.Lifted(random)
	if lifted == nil {
		return "", false
	}
	a, _, aOK := rowsOf(plain)
	b, _, bOK := rowsOf(lifted)
	if !aOK || !bOK {
		return "", false // the argument must be a constant
	}
	for i := range min(len(a), len(b)) {
		if string(a[i].Value) != string(b[i].Value) {
			return fmt.Sprintf("of record %s\n%s\nwith columns in the place of constants\n%s\n%s", a[i].Cause, a[i].Value, b[i].Value, lifted.Script), true
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d rows, with columns in the place of constants %d:\n%s", len(a), len(b), lifted.Script), true
	}
	return "", true
}
