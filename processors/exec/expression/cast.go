package expression

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// cast converts, or fails. Toward INT and BIGINT digits after the point are cut
// off; toward DECIMAL they are rounded half away from zero; what does not fit
// fails. A STRING is read with blanks around it taken off: whole numbers for INT
// and BIGINT (1.0 and 1e3 too), any number for DECIMAL and DOUBLE (also NaN, Infinity,
// -Infinity), true and false in any case, ISO 8601 for TIMESTAMP, DATE and TIME.
// Toward STRING a value is its value text, a TIMESTAMP, DATE or TIME ISO 8601 in
// UTC with milliseconds.
func cast(e *plan.Cast) (Eval, error) {
	x, err := Compile(e.X)
	if err != nil {
		return nil, err
	}
	to := e.T
	counts := to.Kind.IsNested() || to.Kind == row.String && e.X.Type().Kind != row.String
	return func(n *Env) (row.Value, error) {
		v, err := x(n)
		if err != nil || v.IsNull() {
			return row.Value{}, err
		}
		if n.budget.InLambda() {
			if err := n.budget.Read(v); err != nil {
				return row.Value{}, err
			}
		}
		out, ok := CastValue(v, to)
		if !ok {
			return row.Value{}, ErrCast
		}
		if counts {
			err = n.budget.Result(out)
		}
		return out, err
	}, nil
}

func CastValue(v row.Value, to row.Type) (row.Value, bool) {
	switch to.Kind {
	case row.Boolean:
		return toBoolean(v)
	case row.Int, row.Bigint:
		n, ok := toInteger(v)
		return row.NewIntegral(to.Kind, n), ok && (to.Kind == row.Bigint || n == int64(int32(n)))
	case row.Double:
		return toDouble(v)
	case row.Decimal:
		return toDecimal(v, to)
	case row.String:
		if v.Kind() == row.String {
			return v, true
		}
		return row.NewString(string(row.AppendText(nil, v))), true
	case row.Timestamp:
		return toTimestamp(v)
	case row.Date:
		return toDate(v)
	case row.Time:
		return toTime(v)
	case row.Array, row.Map, row.Struct:
		return castNested(v, to)
	}
	return v, v.Kind() == to.Kind
}

func toBoolean(v row.Value) (row.Value, bool) {
	if v.Kind() == row.Boolean {
		return v, true
	}
	switch strings.ToLower(strings.TrimSpace(v.Str())) {
	case "true":
		return row.NewBoolean(true), true
	case "false":
		return row.NewBoolean(false), true
	}
	return row.Value{}, false
}

func toInteger(v row.Value) (int64, bool) {
	switch v.Kind() {
	case row.Int, row.Bigint, row.Timestamp:
		return v.Int64(), true
	case row.Double:
		f := math.Trunc(v.Float64())
		return int64(f), f >= -(1<<63) && f < 1<<63 // false for NaN
	case row.Decimal:
		d, scale := v.Decimal()
		whole := d.Big()
		return toInt64(whole.Quo(whole, TenTo(scale)))
	case row.String:
		return numeric.ParseWhole(strings.TrimSpace(v.Str()))
	}
	return 0, false
}

func toInt64(b *big.Int) (int64, bool) {
	return b.Int64(), b.IsInt64()
}

func toDouble(v row.Value) (row.Value, bool) {
	switch v.Kind() {
	case row.Double, row.Int, row.Bigint, row.Decimal:
		return row.NewDouble(v.AsDouble()), true
	}
	f, ok := numeric.ParseDouble(strings.TrimSpace(v.Str()))
	return row.NewDouble(f), ok
}

func toDecimal(v row.Value, to row.Type) (row.Value, bool) {
	var d numeric.Int128
	scale, ok := 0, true
	switch v.Kind() {
	case row.Int, row.Bigint:
		d = numeric.Int128Of(v.Int64())
	case row.Decimal:
		d, scale = v.Decimal()
	case row.Double:
		d, scale, ok = numeric.ParseDecimal(strconv.FormatFloat(v.Float64(), 'e', -1, 64))
	default:
		text := strings.TrimSpace(v.Str())
		if d, scale, ok = numeric.ParseDecimal(text); !ok { // it may have too many digits to be read exactly
			d, ok = numeric.ParseRounded(text, to.Scale)
			scale = to.Scale
		}
	}
	if !ok {
		return row.Value{}, false
	}
	d, ok = numeric.DecimalRescale(d, scale, to.Scale)
	return row.NewDecimal(d, to.Scale), ok && d.Digits() <= to.Precision
}

func toTimestamp(v row.Value) (row.Value, bool) {
	switch v.Kind() {
	case row.Timestamp:
		return v, true
	case row.Bigint:
		return row.NewTimestamp(v.Int64()), true
	case row.Date:
		return row.NewTimestamp(v.Int64() * row.MillisPerDay), true
	}
	ms, ok := row.ParseTimestamp(strings.TrimSpace(v.Str()))
	return row.NewTimestamp(ms), ok
}

func toDate(v row.Value) (row.Value, bool) {
	switch v.Kind() {
	case row.Date:
		return v, true
	case row.Timestamp:
		days, ok := row.DateOf(v.Int64())
		return row.NewIntegral(row.Date, days), ok
	}
	days, ok := row.ParseDate(strings.TrimSpace(v.Str()))
	return row.NewIntegral(row.Date, days), ok
}

func toTime(v row.Value) (row.Value, bool) {
	switch v.Kind() {
	case row.Time:
		return v, true
	case row.Timestamp:
		return row.NewIntegral(row.Time, row.TimeOf(v.Int64())), true
	}
	ms, ok := row.ParseTime(strings.TrimSpace(v.Str()))
	return row.NewIntegral(row.Time, ms), ok
}

// castNested casts what a value holds; what is NULL stays so. A STRUCT's fields
// are found by name: those that the target lacks fall away, those that it has
// beside them are NULL.
func castNested(v row.Value, to row.Type) (row.Value, bool) {
	from, names := v.Elements(), v.Names()
	if to.Kind == row.Struct {
		from, names = pick(v, to.Fields), make([]string, len(to.Fields))
		for i, f := range to.Fields {
			names[i] = f.Name
		}
	}
	out := make([]row.Value, len(from))
	for i, e := range from {
		t := to.Elem
		if t == nil {
			t = &to.Fields[i].Type
		}
		if e.IsNull() {
			continue
		}
		var ok bool
		if out[i], ok = CastValue(e, *t); !ok {
			return row.Value{}, false
		}
	}
	switch to.Kind {
	case row.Array:
		return row.NewArray(out), true
	case row.Map:
		return row.NewMap(names, out), true
	}
	return row.NewStruct(names, out), true
}

// pick returns the fields of a STRUCT by name, NULL where it has none.
func pick(v row.Value, fields []row.Column) []row.Value {
	out := make([]row.Value, len(fields))
	for i, f := range fields {
		if at := slices.Index(v.Names(), f.Name); at >= 0 {
			out[i] = v.Elements()[at]
		}
	}
	return out
}
