package plan

import (
	"fmt"
	"slices"

	"parallax/processors/functions"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// Exploded is the element of Query.Explode[Index] for the current row. It is NULL where
// that ARRAY is shorter than the longest one.
type Exploded struct {
	Index int
	Text  string // as SQL, for String
	T     row.Type
}

// Type returns the type of the ARRAY's elements.
func (e *Exploded) Type() row.Type { return e.T }

func (e *Exploded) String() string { return e.Text }

// explosion are the EXPLODEs of a select list.
type explosion struct {
	arrays []Expr
	// at is the position of the first EXPLODE.
	at sql.Pos
}

// tableFunction binds EXPLODE. Equal calls share one element of Query.Explode.
func (sc *scope) tableFunction(f *functions.Function, e *sql.Call) (Expr, error) {
	at := e.Name.At
	switch {
	case sc.inExplode:
		return nil, sc.b.errorf(at, "%[1]s cannot be nested: this one is inside another %[1]s", f.Name)
	case len(sc.params) > 0:
		return nil, sc.b.errorf(at, "%s cannot be used in a lambda: it makes rows, and a lambda returns a value", f.Name).WithHint("use TRANSFORM or FILTER inside it: %s(TRANSFORM(...))", f.Name)
	case sc.agg != nil:
		return nil, sc.b.errorf(at, "%s cannot be combined with GROUP BY or an aggregate, which group records, not the rows that it makes", f.Name).
			WithHint("write its rows with CREATE STREAM ... AS SELECT, and group those")
	case sc.inOver:
		return nil, sc.b.errorf(at, "%s cannot be used inside OVER, whose frame has records, not the rows that it makes", f.Name)
	case sc.explode == nil:
		return nil, sc.b.errorf(at, "%s can only be used in SELECT: it makes rows of a record after WHERE", f.Name)
	}
	arguments := &scope{b: sc.b, from: sc.from, inExplode: true}
	call, err := arguments.function(f, e)
	if err != nil {
		return nil, err
	}
	array := call.(*Call).Args[0]
	if len(sc.explode.arrays) == 0 {
		sc.explode.at = at
	}
	i := slices.IndexFunc(sc.explode.arrays, func(other Expr) bool { return Same(other, array) })
	if i < 0 {
		i = len(sc.explode.arrays)
		sc.explode.arrays = append(sc.explode.arrays, array)
	}
	return &Exploded{Index: i, Text: fmt.Sprintf("%s(%s)", f.Name, array), T: call.Type()}, nil
}

// explode sets q.Explode if the query has EXPLODE, so that q makes one row for each
// element.
func (b *builder) explode(q *Query, sel *sql.Select, sc *scope) error {
	x := sc.explode
	switch {
	case len(x.arrays) == 0:
		return nil
	case sel.Distinct:
		return b.errorf(x.at, "EXPLODE cannot be combined with DISTINCT").WithHint("write its rows with CREATE STREAM ... AS SELECT, and take DISTINCT of those")
	case len(sc.over.Calls) > 0:
		return b.errorf(x.at, "EXPLODE cannot be combined with OVER, which makes one row for each record").
			WithHint("write its rows with CREATE STREAM ... AS SELECT, and use OVER on those")
	case sc.first().Table:
		return b.errorf(x.at, "EXPLODE is for streams: a table has one row for each key, and %s is a table", sc.first().Name)
	}
	q.Explode = x.arrays
	return nil
}
