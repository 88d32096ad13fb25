package plan

import (
	"slices"

	"parallax/processors/functions"
	"parallax/processors/row"
	"parallax/processors/sql"
	"parallax/processors/typing"
)

// The constructors of ARRAY, MAP and STRUCT, and the access to elements and fields. They
// are bound to functions that SQL cannot call by name.

func (sc *scope) arrayOf(e *sql.ArrayOf) (Expr, error) {
	items, err := sc.bindAll(e.Items)
	if err != nil {
		return nil, err
	}
	if err := sc.readTexts(e.Items, items, "ARRAY"); err != nil {
		return nil, err
	}
	elem, err := sc.commonOf(e.At, "the elements of ARRAY", items)
	if err != nil {
		return nil, err
	}
	for i := range items {
		items[i] = convert(items[i], elem)
	}
	return sc.operator(functions.ArrayConstructor, row.Type{Kind: row.Array, Elem: &elem}, items...), nil
}

func (sc *scope) bindAll(list []sql.Expr) ([]Expr, error) {
	out := make([]Expr, len(list))
	for i, e := range list {
		var err error
		if out[i], err = sc.bind(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (sc *scope) mapOf(e *sql.MapOf) (Expr, error) {
	var keys, values []Expr
	var written []sql.Expr
	for _, entry := range e.Entries {
		key, err := sc.bind(entry.Key)
		if err != nil {
			return nil, err
		}
		if k := key.Type().Kind; k != row.String && k != row.Null {
			return nil, sc.b.errorf(entry.Key.Pos(), "a MAP's keys are STRING, %s is %s", key, key.Type())
		}
		value, err := sc.bind(entry.Value)
		if err != nil {
			return nil, err
		}
		keys, values, written = append(keys, key), append(values, value), append(written, entry.Value)
	}
	for _, part := range []struct {
		what string
		list []Expr
	}{{"keys", keys}, {"values", values}} {
		if len(part.list) > 0 && !slices.ContainsFunc(part.list, func(x Expr) bool { return !isNullLiteral(x) }) {
			return nil, sc.b.errorf(e.At, "MAP has only NULL %s: their type is unknown", part.what).WithHint("write CAST(NULL AS STRING), say")
		}
	}
	if err := sc.readTexts(written, values, "MAP"); err != nil {
		return nil, err
	}
	elem, err := sc.commonOf(e.At, "the values of MAP", values)
	if err != nil {
		return nil, err
	}
	for i := range values {
		keys[i] = convert(keys[i], row.Of(row.String))
		values[i] = convert(values[i], elem)
	}
	return sc.operator(functions.MapConstructor, row.Type{Kind: row.Map, Elem: &elem}, slices.Concat(keys, values)...), nil
}

// isNullLiteral reports whether an expression is the literal NULL without a type.
func isNullLiteral(x Expr) bool { return x.Type().Kind == row.Null }

func (sc *scope) structOf(e *sql.StructOf) (Expr, error) {
	t := row.Of(row.Struct)
	var names, values []Expr
	for _, f := range e.Fields {
		if slices.ContainsFunc(t.Fields, func(c row.Column) bool { return c.Name == f.Name.Text }) {
			return nil, sc.b.errorf(f.Name.At, "the STRUCT has field %s twice", f.Name.Text)
		}
		value, err := sc.bind(f.Value)
		if err != nil {
			return nil, err
		}
		if value.Type().Kind == row.Null {
			value = convert(value, row.Of(row.String))
		}
		t.Fields = append(t.Fields, row.Column{Name: f.Name.Text, Type: value.Type()})
		names = append(names, &Literal{Value: row.NewString(f.Name.Text), T: row.Of(row.String)})
		values = append(values, value)
	}
	return sc.operator(functions.StructConstructor, t, slices.Concat(names, values)...), nil
}

// index binds x[i].
func (sc *scope) index(e *sql.Index) (Expr, error) {
	x, err := sc.bind(e.X)
	if err != nil {
		return nil, err
	}
	i, err := sc.bind(e.I)
	if err != nil {
		return nil, err
	}
	want := row.Of(row.Bigint)
	switch x.Type().Kind {
	case row.Array:
	case row.Map:
		want = row.Of(row.String)
	default:
		return nil, sc.b.errorf(e.Pos(), "%s is %s: only an ARRAY and a MAP have elements", x, x.Type())
	}
	if got, ok := typing.Common(i.Type(), want); !ok || !got.Equal(want) {
		return nil, sc.b.errorf(e.I.Pos(), "an element of %s is found by %s, %s is %s", x, want, i, i.Type())
	}
	return sc.operator(functions.ElementAccess, *x.Type().Elem, x, convert(i, want)), nil
}

// field binds x->name, and x.name.
func (sc *scope) field(x Expr, name sql.Name) (Expr, error) {
	t := x.Type()
	if t.Kind != row.Struct {
		return nil, sc.b.errorf(name.At, "%s is %s: only a STRUCT has fields", x, t)
	}
	var names []string
	for _, f := range t.Fields {
		if f.Name == name.Text {
			return sc.operator(functions.FieldAccess, f.Type, x, &Literal{Value: row.NewString(name.Text), T: row.Of(row.String)}), nil
		}
		names = append(names, f.Name)
	}
	err := sc.b.errorf(name.At, "unknown field %s in %s", name.Text, x)
	if near := sql.Nearest(name.Text, names); near != "" {
		return nil, err.WithHint("did you mean %s?", near)
	}
	return nil, err
}

// hasMap reports whether a type is a MAP or contains one.
func hasMap(t row.Type) bool {
	return t.Kind == row.Map || t.Elem != nil && hasMap(*t.Elem) ||
		slices.ContainsFunc(t.Fields, func(f row.Column) bool { return hasMap(f.Type) })
}
