package plan

import (
	"slices"
	"unicode/utf8"

	"parallax/processors/row"
	"parallax/processors/sql"
	"parallax/processors/typing"
)

// bind resolves and types an expression.
func (sc *scope) bind(e sql.Expr) (Expr, error) {
	if sc.tries == nil || sc.agg != nil {
		return sc.bindNow(e)
	}
	t := try{e, len(sc.lets)}
	o, ok := sc.tries[t]
	if !ok {
		o.e, o.err = sc.bindNow(e)
		sc.tries[t] = o
	}
	return o.e, o.err
}

func (sc *scope) bindNow(e sql.Expr) (Expr, error) {
	if g, ok := sc.group(e); ok {
		return g, nil
	}
	switch e := e.(type) {
	case *sql.Null:
		return &Literal{}, nil
	case *sql.Bool:
		return &Literal{Value: row.NewBoolean(e.Value), T: row.Of(row.Boolean)}, nil
	case *sql.Text:
		return &Literal{Value: row.NewString(e.Value), T: row.Of(row.String)}, nil
	case *sql.Number:
		lit, ok := numberLiteral(e.Text)
		if !ok {
			return nil, sc.b.errorf(e.At, "%s is out of range: a DECIMAL has up to 38 digits, a DOUBLE reaches 1.8e308", e.Text)
		}
		return lit, nil
	case *sql.Interval:
		return nil, sc.b.errorf(e.At, "an INTERVAL can only be used in WINDOW, in WITHIN and next to the event time of a join")
	case *sql.Ref:
		return sc.ref(e)
	case *sql.Unary:
		return sc.unary(e)
	case *sql.Binary:
		return sc.binary(e)
	case *sql.IsNull:
		x, err := sc.bind(e.X)
		if err != nil {
			return nil, err
		}
		return &IsNull{X: x, Negated: e.Negated}, nil
	case *sql.Between:
		return sc.between(e)
	case *sql.In:
		return sc.in(e)
	case *sql.Like:
		return sc.like(e)
	case *sql.Case:
		return sc.caseOf(e)
	case *sql.Cast:
		return sc.cast(e)
	case *sql.Call:
		return sc.call(e)
	case *sql.Extract:
		part := &sql.Text{At: e.Part.At, Value: e.Part.Text}
		return sc.call(&sql.Call{Name: sql.Name{Text: "EXTRACT", At: e.At}, Args: []sql.Expr{part, e.X}})
	case *sql.TypedText:
		return sc.typedText(e)
	case *sql.ArrayOf:
		return sc.arrayOf(e)
	case *sql.MapOf:
		return sc.mapOf(e)
	case *sql.StructOf:
		return sc.structOf(e)
	case *sql.Index:
		return sc.index(e)
	case *sql.Field:
		x, err := sc.bind(e.X)
		if err != nil {
			return nil, err
		}
		return sc.field(x, e.Name)
	case *sql.Lambda:
		return nil, sc.b.errorf(e.At, "a lambda can only be an argument of TRANSFORM, FILTER or REDUCE")
	}
	return nil, sc.b.errorf(e.Pos(), "this expression is not supported yet")
}

// typedText reads a typed literal such as TIMESTAMP '...'.
func (sc *scope) typedText(e *sql.TypedText) (Expr, error) {
	t := row.Of(e.Kind)
	v, ok := readAs(e.Value, t)
	if !ok {
		return nil, sc.b.errorf(e.At, "'%s' is not a valid %s", e.Value, t)
	}
	return &Literal{Value: v, T: t}, nil
}

// condition binds an expression that must be BOOLEAN.
func (sc *scope) condition(e sql.Expr, clause string) (Expr, error) {
	x, err := sc.bind(e)
	if err != nil {
		return nil, err
	}
	return sc.boolean(x, e.Pos(), clause)
}

func (sc *scope) boolean(x Expr, at sql.Pos, what string) (Expr, error) {
	switch x.Type().Kind {
	case row.Boolean:
		return x, nil
	case row.Null:
		return convert(x, row.Of(row.Boolean)), nil
	}
	return nil, sc.b.errorf(at, "%s requires a BOOLEAN, %s is %s", what, x, x.Type())
}

func (sc *scope) unary(e *sql.Unary) (Expr, error) {
	x, err := sc.bind(e.X)
	if err != nil {
		return nil, err
	}
	if e.Op == "NOT" {
		if x, err = sc.boolean(x, e.X.Pos(), "NOT"); err != nil {
			return nil, err
		}
		return &Not{X: x}, nil
	}
	if n, ok := e.X.(*sql.Number); ok { // -2147483648 is an INT
		if lit, ok := numberLiteral(n.Text); ok {
			return negated(lit), nil
		}
	}
	if x.Type().Kind == row.Null {
		return x, nil
	}
	if !x.Type().IsNumeric() {
		return nil, sc.b.errorf(e.At, "minus requires a number, %s is %s", x, x.Type())
	}
	return &Negate{X: x}, nil
}

func negated(lit *Literal) Expr {
	v := lit.Value
	switch v.Kind() {
	case row.Int:
		return &Literal{Value: row.NewInt(-v.Int64()), T: lit.T}
	case row.Bigint:
		if n := -v.Int64(); n == int64(int32(n)) {
			return &Literal{Value: row.NewInt(n), T: row.Of(row.Int)}
		}
		return &Literal{Value: row.NewBigint(-v.Int64()), T: lit.T}
	case row.Double:
		return &Literal{Value: row.NewDouble(-v.Float64()), T: lit.T}
	default:
		d, scale := v.Decimal()
		if n, ok := d.Neg().Int64(); ok && scale == 0 { // -9223372036854775808
			return &Literal{Value: row.NewBigint(n), T: row.Of(row.Bigint)}
		}
		return &Literal{Value: row.NewDecimal(d.Neg(), scale), T: lit.T}
	}
}

var comparisons = map[string]CompareOp{
	"=": Equal, "<>": NotEqual, "<": Less, "<=": LessEqual, ">": Greater, ">=": GreaterEqual,
	"IS DISTINCT FROM": Distinct, "IS NOT DISTINCT FROM": NotDistinct,
}

func (sc *scope) binary(e *sql.Binary) (Expr, error) {
	l, err := sc.bind(e.L)
	if err != nil {
		return nil, err
	}
	r, err := sc.bind(e.R)
	if err != nil {
		return nil, err
	}
	switch e.Op {
	case "AND", "OR":
		if l, err = sc.boolean(l, e.L.Pos(), e.Op); err != nil {
			return nil, err
		}
		if r, err = sc.boolean(r, e.R.Pos(), e.Op); err != nil {
			return nil, err
		}
		return &Logic{Or: e.Op == "OR", L: l, R: r}, nil
	case "||":
		return sc.concat(e, l, r)
	case "+":
		if isTextOrNull(l) && isTextOrNull(r) && (l.Type().Kind == row.String || r.Type().Kind == row.String) {
			return sc.concat(e, l, r)
		}
	}
	if op, ok := comparisons[e.Op]; ok {
		l, r, err = sc.comparable(e.At, l, r)
		if err != nil {
			return nil, err
		}
		if l.Type().Kind.IsNested() && op != Equal && op != NotEqual && op != Distinct && op != NotDistinct {
			return nil, sc.b.errorf(e.At, "%s and %s have no order: ARRAY, MAP and STRUCT can only be compared with = and <>", l, r)
		}
		return &Comparison{Op: op, L: l, R: r}, nil
	}
	return sc.arithmetic(e, l, r)
}

func isTextOrNull(x Expr) bool {
	return x.Type().Kind == row.String || x.Type().Kind == row.Null
}

func (sc *scope) concat(e *sql.Binary, l, r Expr) (Expr, error) {
	for _, x := range []Expr{l, r} {
		if !isTextOrNull(x) {
			return nil, sc.b.errorf(e.At, "|| joins STRINGs, %s is %s", x, x.Type()).WithHint("write CAST(%s AS STRING)", x)
		}
	}
	text := row.Of(row.String)
	return &Concat{L: convert(l, text), R: convert(r, text)}, nil
}

func (sc *scope) arithmetic(e *sql.Binary, l, r Expr) (Expr, error) {
	if l.Type().Kind == row.Null {
		l = convert(l, r.Type())
	}
	if r.Type().Kind == row.Null {
		r = convert(r, l.Type())
	}
	if l.Type().Kind == row.Null { // NULL + NULL
		l, r = convert(l, row.Of(row.Int)), convert(r, row.Of(row.Int))
	}
	for _, x := range []Expr{l, r} {
		if !x.Type().IsNumeric() {
			err := sc.b.errorf(e.At, "%s requires numbers, %s is %s", e.Op, x, x.Type())
			if e.Op == "+" && (l.Type().Kind == row.String || r.Type().Kind == row.String) {
				err = err.WithHint("+ also joins two STRINGs: CAST the other operand AS STRING")
			}
			return nil, err
		}
	}
	op := ArithmeticOp(e.Op[0])
	t := typing.Arithmetic(byte(op), l.Type(), r.Type())
	if t.Kind == row.Decimal {
		l, r = convert(l, typing.AsDecimal(l.Type())), convert(r, typing.AsDecimal(r.Type()))
	} else {
		l, r = convert(l, t), convert(r, t)
	}
	return &Arithmetic{Op: op, L: l, R: r, T: t}, nil
}

// comparable converts two operands to one kind. A string literal is converted to the type
// of the other operand.
func (sc *scope) comparable(at sql.Pos, l, r Expr) (Expr, Expr, error) {
	var err error
	if l, err = sc.literalAs(at, l, r); err != nil {
		return nil, nil, err
	}
	if r, err = sc.literalAs(at, r, l); err != nil {
		return nil, nil, err
	}
	a, b := l.Type(), r.Type()
	if a.Kind == row.Decimal && b.Kind == row.Decimal {
		return l, r, nil // DECIMALs keep their scales
	}
	t, ok := typing.Common(a, b)
	if !ok {
		return nil, nil, sc.b.errorf(at, "cannot compare %s, a %s, with %s, a %s", l, a, r, b)
	}
	if a.Kind == b.Kind && a.Kind.IsNested() {
		return l, r, nil // elements are compared by their own types
	}
	if t.Kind == row.Decimal {
		return convert(l, typing.AsDecimal(a)), convert(r, typing.AsDecimal(b)), nil
	}
	if t.Kind == row.Null {
		t = row.Of(row.String)
	}
	return convert(l, t), convert(r, t), nil
}

// bindOnce binds an operand that is used several times. It calls use with the expression to
// insert at each use: an operand that is expensive is computed once, in a Let, and use gets
// its Local.
func (sc *scope) bindOnce(e sql.Expr, use func(x Expr) (Expr, error)) (Expr, error) {
	x, err := sc.bind(e)
	if err != nil {
		return nil, err
	}
	switch x.(type) {
	case *Literal, *Column, *System, *Group, *Aggregate, *OverValue, *WindowBound, *Local:
		return use(x)
	}
	local := &Local{Slot: len(sc.lets), T: x.Type()}
	sc.lets = append(sc.lets, x)
	body, err := use(local)
	sc.lets = sc.lets[:local.Slot]
	if err != nil {
		return nil, err
	}
	return &Let{Slot: local.Slot, X: x, Body: body}, nil
}

func (sc *scope) between(e *sql.Between) (Expr, error) {
	return sc.bindOnce(e.X, func(x Expr) (Expr, error) {
		low, err := sc.compareWith(x, ">=", e.Low)
		if err != nil {
			return nil, err
		}
		high, err := sc.compareWith(x, "<=", e.High)
		if err != nil {
			return nil, err
		}
		both := &Logic{L: low, R: high}
		if e.Negated {
			return &Not{X: both}, nil
		}
		return both, nil
	})
}

// compareWith compares a bound expression with one that is not bound yet.
func (sc *scope) compareWith(x Expr, op string, e sql.Expr) (Expr, error) {
	y, err := sc.bind(e)
	if err != nil {
		return nil, err
	}
	l, r, err := sc.comparable(e.Pos(), x, y)
	if err != nil {
		if local, ok := x.(*Local); ok { // name the expression behind the local in the message
			_, _, err = sc.comparable(e.Pos(), sc.lets[local.Slot], y)
		}
		return nil, err
	}
	return &Comparison{Op: comparisons[op], L: l, R: r}, nil
}

func (sc *scope) in(e *sql.In) (Expr, error) {
	x, err := sc.bind(e.X)
	if err != nil {
		return nil, err
	}
	in := &In{Negated: e.Negated}
	elems := make([]Expr, len(e.List))
	for i, item := range e.List {
		if elems[i], err = sc.bind(item); err != nil {
			return nil, err
		}
		if x, err = sc.literalAs(e.X.Pos(), x, elems[i]); err != nil {
			return nil, err
		}
	}
	t := x.Type()
	for i, item := range e.List {
		y, err := sc.literalAs(item.Pos(), elems[i], x)
		if err != nil {
			return nil, err
		}
		wider, ok := typing.Common(t, y.Type())
		if !ok {
			return nil, sc.b.errorf(item.Pos(), "cannot compare %s, a %s, with %s, a %s", x, x.Type(), y, y.Type())
		}
		if x.Type().Kind == row.Null {
			t = wider
		}
		elems[i] = y
	}
	if t.Kind == row.Null {
		t = row.Of(row.String)
	}
	in.X = convert(x, t)
	for _, y := range elems {
		in.List = append(in.List, listed(y, t))
	}
	return in, nil
}

// listed returns an element of IN's list, next to an operand of type t. The element keeps
// its own type for the comparison, unless it is a literal with a value of type t.
func listed(e Expr, t row.Type) Expr {
	lit, ok := e.(*Literal)
	if !ok {
		return e
	}
	if v, ok := typing.Fit(lit.Value, t); ok {
		return &Literal{Value: v, T: t}
	}
	return e
}

func (sc *scope) like(e *sql.Like) (Expr, error) {
	like := &Like{Negated: e.Negated}
	for _, side := range []struct {
		from sql.Expr
		to   *Expr
	}{{e.X, &like.X}, {e.Pattern, &like.Pattern}} {
		x, err := sc.bind(side.from)
		if err != nil {
			return nil, err
		}
		if k := x.Type().Kind; k != row.String && k != row.Null {
			return nil, sc.b.errorf(side.from.Pos(), "LIKE requires STRINGs, %s is %s", x, x.Type())
		}
		*side.to = convert(x, row.Of(row.String))
	}
	if e.Escape != nil {
		like.Escape, _ = utf8.DecodeRuneInString(e.Escape.Value)
	}
	return like, nil
}

// caseOf binds both forms of CASE. The simple form is rewritten to comparisons.
func (sc *scope) caseOf(e *sql.Case) (Expr, error) {
	if e.Operand != nil {
		return sc.bindOnce(e.Operand, func(x Expr) (Expr, error) { return sc.arms(e, x) })
	}
	return sc.arms(e, nil)
}

// arms binds the arms of a CASE; x is the operand of the simple form.
func (sc *scope) arms(e *sql.Case, x Expr) (Expr, error) {
	c := &Case{}
	var results []Expr
	for _, w := range e.Whens {
		var cond Expr
		var err error
		if x != nil {
			cond, err = sc.compareWith(x, "=", w.If)
		} else {
			cond, err = sc.condition(w.If, "WHEN")
		}
		if err != nil {
			return nil, err
		}
		then, err := sc.bind(w.Then)
		if err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, When{If: cond})
		results = append(results, then)
	}
	if e.Else != nil {
		x, err := sc.bind(e.Else)
		if err != nil {
			return nil, err
		}
		results = append(results, x)
	}
	t, err := sc.commonOf(e.At, "the arms of CASE", results)
	if err != nil {
		return nil, err
	}
	c.T = t
	for i, x := range results {
		if x = convert(x, t); i < len(c.Whens) {
			c.Whens[i].Then = x
		} else {
			c.Else = x
		}
	}
	return c, nil
}

// commonOf returns the type to which all expressions can be converted; STRING if all are
// NULL.
func (sc *scope) commonOf(at sql.Pos, what string, list []Expr) (row.Type, error) {
	t := row.Type{}
	for _, x := range list {
		wider, ok := typing.Common(t, x.Type())
		if !ok {
			return t, sc.b.errorf(at, "%s have no common type: %s and %s", what, t, x.Type())
		}
		t = wider
	}
	if t.Kind == row.Null {
		t = row.Of(row.String)
	}
	return t, nil
}

// castable lists the kinds to which CAST converts each kind. Each kind also casts to
// itself.
var castable = map[row.Kind][]row.Kind{
	row.Boolean:   {row.String},
	row.Int:       {row.Bigint, row.Double, row.Decimal, row.String},
	row.Bigint:    {row.Int, row.Double, row.Decimal, row.String, row.Timestamp},
	row.Double:    {row.Int, row.Bigint, row.Decimal, row.String},
	row.Decimal:   {row.Int, row.Bigint, row.Double, row.String},
	row.String:    {row.Boolean, row.Int, row.Bigint, row.Double, row.Decimal, row.Timestamp, row.Date, row.Time},
	row.Timestamp: {row.String, row.Bigint, row.Date, row.Time},
	row.Date:      {row.String, row.Timestamp},
	row.Time:      {row.String},
}

// canCast reports whether CAST converts from one type to another. An ARRAY, MAP or STRUCT
// casts to its own kind if its elements do, and to STRING.
func canCast(from, to row.Type) bool {
	switch {
	case from.Kind == row.Null:
		return true
	case from.Kind.IsNested() && to.Kind == row.String:
		return true
	case from.Kind != to.Kind:
		return slices.Contains(castable[from.Kind], to.Kind)
	case from.Elem != nil:
		return canCast(*from.Elem, *to.Elem)
	}
	return !slices.ContainsFunc(to.Fields, func(f row.Column) bool {
		i := slices.IndexFunc(from.Fields, func(o row.Column) bool { return o.Name == f.Name })
		return i >= 0 && !canCast(from.Fields[i].Type, f.Type)
	})
}

func (sc *scope) cast(e *sql.Cast) (Expr, error) {
	x, err := sc.bind(e.X)
	if err != nil {
		return nil, err
	}
	from, to := x.Type(), e.Type.Type
	if from.Kind == row.Null {
		return convert(x, to), nil
	}
	if !canCast(from, to) {
		return nil, sc.b.errorf(e.At, "cannot cast %s, a %s, to %s", x, from, to)
	}
	return &Cast{X: x, T: to}, nil
}
