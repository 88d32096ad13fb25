package oracle

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"parallax/processors/functions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// scope holds what an expression reads: an event, with OVER also the rows of its partition up
// to it, or a group of a query.
type scope struct {
	event *event

	query *query
	group *group
	rows  []seen
	// elements are the elements that EXPLODE selects for the current row.
	elements []row.Value

	locals []row.Value // of the Lets and lambdas around, outermost first
	budget *functions.Budget
}

// eval computes an expression by its definition, with a new budget. An error makes the
// column NULL.
func (s scope) eval(e plan.Expr) (row.Value, error) {
	s.budget = &functions.Budget{}
	return s.compute(e)
}

// result charges the result of a part of an expression to the budget. A part that consists
// of literals only has its own budget.
func (s scope) result(e plan.Expr, v row.Value) (row.Value, error) {
	budget := s.budget
	if plan.IsConstant(e) {
		budget = &functions.Budget{}
	}
	return v, budget.Result(v)
}

func (s scope) compute(e plan.Expr) (row.Value, error) {
	switch e := e.(type) {
	case *plan.Literal:
		return e.Value, nil
	case *plan.Column:
		if from := s.event.sides[e.Side]; from != nil {
			return from.values[e.Index], nil
		}
		return row.Value{}, nil
	case *plan.System:
		return s.system(e), nil
	case *plan.Group:
		return s.group.key[e.Index], nil
	case *plan.Aggregate:
		return s.group.aggregate(e.Index, &aggregateCall{&s.query.Aggregation.Aggregates[e.Index], s.query.stop})
	case *plan.OverValue:
		return overValue(s.rows, e.Index, s.query.Over.Calls[e.Index], s.query.stop)
	case *plan.Exploded:
		return s.elements[e.Index], nil
	case *plan.WindowBound:
		if e.End {
			return row.NewBigint(s.group.end), nil
		}
		return row.NewBigint(s.group.start), nil
	case *plan.Arithmetic:
		return s.strict(func(v []row.Value) (row.Value, error) { return arithmetic(e, v[0], v[1]) }, e.L, e.R)
	case *plan.Negate:
		return s.strict(func(v []row.Value) (row.Value, error) {
			if v[0].Kind() == row.Double {
				return row.NewDouble(-v[0].Float64()), nil
			}
			return fromRat(new(big.Rat).Neg(toRat(v[0])), typeOf(v[0], e.Type()))
		}, e.X)
	case *plan.Comparison:
		return s.comparison(e)
	case *plan.Logic:
		return s.logic(e)
	case *plan.Not:
		return s.strict(func(v []row.Value) (row.Value, error) { return row.NewBoolean(!v[0].Bool()), nil }, e.X)
	case *plan.IsNull:
		v, err := s.compute(e.X)
		if err != nil {
			return row.Value{}, err
		}
		return row.NewBoolean(v.IsNull() != e.Negated), nil
	case *plan.In:
		return s.in(e)
	case *plan.Like:
		return s.strict(func(v []row.Value) (row.Value, error) {
			if !plan.IsConstant(e) {
				if err := s.budget.Read(v...); err != nil {
					return row.Value{}, err
				}
				if err := s.budget.Steps(functions.LikeSteps(v[0].Str(), v[1].Str())); err != nil {
					return row.Value{}, err
				}
			}
			if err := functions.CheckLike(v[0].Str(), v[1].Str(), e.Escape); err != nil {
				return row.Value{}, err
			}
			return row.NewBoolean(parsePattern(v[1].Str(), e.Escape).matches(v[0].Str()) != e.Negated), nil
		}, e.X, e.Pattern)
	case *plan.Case:
		for _, w := range e.Whens {
			v, err := s.compute(w.If)
			if err != nil {
				return row.Value{}, err
			}
			if v.Bool() {
				return s.compute(w.Then)
			}
		}
		if e.Else == nil {
			return row.Value{}, nil
		}
		return s.compute(e.Else)
	case *plan.Cast:
		return s.cast(e)
	case *plan.Concat:
		return s.strict(func(v []row.Value) (row.Value, error) {
			if len(v[0].Str())+len(v[1].Str()) > functions.MaxResult {
				return row.Value{}, functions.ErrResultSize
			}
			return s.result(e, row.NewString(v[0].Str()+v[1].Str()))
		}, e.L, e.R)
	case *plan.Call:
		return s.call(e)
	case *plan.Let:
		v, err := s.compute(e.X)
		if err != nil {
			return row.Value{}, err
		}
		s.locals = append(slices.Clone(s.locals[:e.Slot]), v)
		return s.compute(e.Body)
	case *plan.Local:
		return s.locals[e.Slot], nil
	}
	return row.Value{}, fmt.Errorf("the oracle does not know %s", e)
}

// strict applies f to the operands, evaluated from left to right; NULL if one is NULL.
func (s scope) strict(f func([]row.Value) (row.Value, error), operands ...plan.Expr) (row.Value, error) {
	var values []row.Value
	null := false
	for _, o := range operands {
		v, err := s.compute(o)
		if err != nil {
			return row.Value{}, err
		}
		null = null || v.IsNull()
		values = append(values, v)
	}
	if null {
		return row.Value{}, nil
	}
	return f(values)
}

func (s scope) system(e *plan.System) row.Value {
	if e.Which == plan.RowNow {
		if s.event.now < 0 {
			return row.Value{}
		}
		return row.NewTimestamp(s.event.now)
	}
	if s.event.sides[e.Side] == nil {
		return row.Value{}
	}
	from := &s.event.sides[e.Side].from
	switch e.Which {
	case plan.RowPartition:
		return row.NewInt(int64(from.Partition))
	case plan.RowOffset:
		return row.NewBigint(from.Offset)
	case plan.RowTopic:
		return row.NewString(from.Topic)
	case plan.RowKey:
		if from.Key == nil {
			return row.Value{}
		}
		return row.NewString(string(from.Key))
	}
	return row.NewBigint(from.EventTime)
}

// typeOf returns t for integers; for DECIMALs the type with the scale of the value.
func typeOf(v row.Value, t row.Type) row.Type {
	if v.Kind() == row.Decimal {
		_, scale := v.Decimal()
		return row.DecimalType(row.MaxPrecision, scale)
	}
	return t
}

func arithmetic(e *plan.Arithmetic, l, r row.Value) (row.Value, error) {
	if e.T.Kind == row.Double {
		x, y := l.Float64(), r.Float64()
		switch e.Op {
		case '+':
			return row.NewDouble(x + y), nil
		case '-':
			return row.NewDouble(x - y), nil
		case '*':
			return row.NewDouble(x * y), nil
		case '/':
			return row.NewDouble(x / y), nil
		}
		return row.NewDouble(math.Mod(x, y)), nil
	}
	x, y, z := toRat(l), toRat(r), new(big.Rat)
	if (e.Op == '/' || e.Op == '%') && y.Sign() == 0 {
		return row.Value{}, errDivision
	}
	switch e.Op {
	case '+':
		z.Add(x, y)
	case '-':
		z.Sub(x, y)
	case '*':
		z.Mul(x, y)
	case '/':
		z.Quo(x, y)
		if e.T.Kind != row.Decimal {
			z = truncated(z)
		}
	case '%': // x - trunc(x/y)·y has the dividend's sign
		z.Sub(x, new(big.Rat).Mul(truncated(new(big.Rat).Quo(x, y)), y))
	}
	return fromRat(z, e.T)
}

// order compares two values of a kind, or two numbers, exactly unless one is a DOUBLE. ok
// is false if one is NaN.
func order(l, r row.Value) (c int, ok bool) {
	kind := l.Kind()
	if r.Kind() == row.Double {
		kind = row.Double
	}
	switch kind {
	case row.Double:
		x, y := nearestDouble(l), nearestDouble(r)
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, x == y
	case row.String, row.Bytes:
		return strings.Compare(l.Str(), r.Str()), true
	case row.Array, row.Map, row.Struct:
		if !sameNested(l, r) {
			return 1, true // they have no order
		}
		return 0, true
	}
	return toRat(l).Cmp(toRat(r)), true
}

func isNaN(v row.Value) bool { return v.Kind() == row.Double && math.IsNaN(v.Float64()) }

// nearestDouble is a number as a DOUBLE.
func nearestDouble(v row.Value) float64 {
	if v.Kind() == row.Double {
		return v.Float64()
	}
	f, _ := toRat(v).Float64()
	return f
}

// sameNested reports whether two nested values are equal. Inside them NULL equals NULL and
// NaN equals NaN.
func sameNested(l, r row.Value) bool {
	a, b := l.Elements(), r.Elements()
	if len(a) != len(b) || !slices.Equal(l.Names(), r.Names()) {
		return false
	}
	for i := range a {
		if a[i].IsNull() || b[i].IsNull() {
			if a[i].IsNull() != b[i].IsNull() {
				return false
			}
			continue
		}
		if c, ok := order(a[i], b[i]); c != 0 || !ok && !(isNaN(a[i]) && isNaN(b[i])) {
			return false
		}
	}
	return true
}

func (s scope) comparison(e *plan.Comparison) (row.Value, error) {
	l, err := s.compute(e.L)
	if err != nil {
		return row.Value{}, err
	}
	r, err := s.compute(e.R)
	if err != nil {
		return row.Value{}, err
	}
	distinct := e.Op == plan.Distinct || e.Op == plan.NotDistinct
	if l.IsNull() || r.IsNull() {
		if !distinct {
			return row.Value{}, nil
		}
		return row.NewBoolean((l.IsNull() != r.IsNull()) == (e.Op == plan.Distinct)), nil
	}
	c, ok := order(l, r)
	var holds bool
	switch e.Op {
	case plan.Equal, plan.NotDistinct:
		holds = ok && c == 0
	case plan.NotEqual, plan.Distinct:
		holds = !ok || c != 0
	case plan.Less:
		holds = ok && c < 0
	case plan.LessEqual:
		holds = ok && c <= 0
	case plan.Greater:
		holds = ok && c > 0
	case plan.GreaterEqual:
		holds = ok && c >= 0
	}
	return row.NewBoolean(holds), nil
}

// logic implements the truth table of AND and OR: an operand that decides wins, otherwise
// NULL wins. The right operand is not evaluated if the left one decides.
func (s scope) logic(e *plan.Logic) (row.Value, error) {
	unknown := false
	for _, side := range []plan.Expr{e.L, e.R} {
		v, err := s.compute(side)
		if err != nil {
			return row.Value{}, err
		}
		if v.IsNull() {
			unknown = true
		} else if v.Bool() == e.Or {
			return v, nil
		}
	}
	if unknown {
		return row.Value{}, nil
	}
	return row.NewBoolean(!e.Or), nil
}

func (s scope) in(e *plan.In) (row.Value, error) {
	x, err := s.compute(e.X)
	if err != nil || x.IsNull() {
		return row.Value{}, err
	}
	unknown := false
	for _, item := range e.List {
		v, err := s.compute(item)
		if err != nil {
			return row.Value{}, err
		}
		if v.IsNull() {
			unknown = true
			continue
		}
		if c, ok := order(x, v); ok && c == 0 {
			return row.NewBoolean(!e.Negated), nil
		}
	}
	if unknown {
		return row.Value{}, nil
	}
	return row.NewBoolean(e.Negated), nil
}

func (s scope) call(e *plan.Call) (row.Value, error) {
	switch e.Func {
	case "COALESCE", "IFNULL":
		for _, a := range e.Args {
			if v, err := s.compute(a); err != nil || !v.IsNull() {
				return v, err
			}
		}
		return row.Value{}, nil
	case "ELT":
		n, err := s.compute(e.Args[0])
		if i := n.Int64(); err == nil && !n.IsNull() && i > 0 && i < int64(len(e.Args)) {
			return s.compute(e.Args[i])
		}
		return row.Value{}, err
	}
	f := functions.Lookup(e.Func)
	apply, wrong := e.Evaluation()
	if wrong != "" {
		return row.Value{}, errors.New(wrong)
	}
	args := make([]row.Value, len(e.Args))
	lambdas := make([]functions.Closure, len(e.Args))
	null := false
	for i, a := range e.Args {
		if l, ok := a.(*plan.Lambda); ok {
			lambdas[i] = s.closure(l)
			continue
		}
		v, err := s.compute(a)
		if err != nil {
			return row.Value{}, err
		}
		null = null || v.IsNull()
		args[i] = v
	}
	if null && !f.TakesNull {
		return row.Value{}, nil
	}
	budget := s.budget
	if plan.IsConstant(e) {
		budget = &functions.Budget{}
	}
	return f.Compute(budget, apply, args, lambdas, e.T)
}

// cast converts a value. Its result counts in the budget and, in a lambda, so does its
// operand.
func (s scope) cast(e *plan.Cast) (row.Value, error) {
	return s.strict(func(v []row.Value) (row.Value, error) {
		constant := plan.IsConstant(e)
		if !constant {
			if err := s.budget.Read(v[0]); err != nil {
				return row.Value{}, err
			}
		}
		out, err := cast(v[0], e.T)
		if k := e.T.Kind; err == nil && (k.IsNested() || k == row.String && v[0].Kind() != row.String) {
			return s.result(e, out)
		}
		return out, err
	}, e.X)
}

// closure evaluates a lambda's body with its parameters appended to the surrounding ones.
func (s scope) closure(l *plan.Lambda) functions.Closure {
	return func(params []row.Value) (row.Value, error) {
		inner := s
		inner.locals = slices.Clone(s.locals)
		if len(params) > 0 {
			inner.locals = append(inner.locals[:l.Params[0].Slot], params...)
		}
		if err := s.budget.Enter(); err != nil {
			return row.Value{}, err
		}
		defer s.budget.Leave()
		return inner.compute(l.Body)
	}
}
