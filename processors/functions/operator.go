package functions

import (
	"slices"

	"parallax/processors/row"
)

// Names of the functions behind ARRAY[...], MAP(...), STRUCT(...), x[i] and
// x->name. No call in a script can name them.
const (
	ArrayConstructor  = "ARRAY[]"
	MapConstructor    = "MAP()"
	StructConstructor = "STRUCT()"
	ElementAccess     = "[]"
	FieldAccess       = "->"
)

// operators are functions that are not written as calls.
var operators = []Function{
	{
		Name: ArrayConstructor, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return row.NewArray(slices.Clone(a)), nil },
	},
	{
		Name: MapConstructor, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			n := len(a) / 2 // keys, then values
			keys := make([]string, n)
			for i, k := range a[:n] {
				keys[i] = mapKey(k)
			}
			return row.NewMap(keys, slices.Clone(a[n:])), nil
		},
	},
	{
		Name: StructConstructor, TakesNull: true,
		Prepare: func(constants []row.Value, _ []row.Type) (Evaluator, string) {
			names := make([]string, len(constants)/2) // names, then values
			for i := range names {
				names[i] = constants[i].Str()
			}
			return func(a []row.Value, _ row.Type) (row.Value, error) {
				return row.NewStruct(names, slices.Clone(a[len(names):])), nil
			}, ""
		},
	},
	{
		Name: ElementAccess, Picks: true, Constant: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return elementOf(a[0], a[1]), nil },
	},
	{
		Name: FieldAccess, Picks: true, Constant: true,
		Prepare: func(constants []row.Value, types []row.Type) (Evaluator, string) {
			i := slices.IndexFunc(types[0].Fields, func(f row.Column) bool { return f.Name == constants[1].Str() })
			return func(a []row.Value, _ row.Type) (row.Value, error) { return a[0].Elements()[i], nil }, ""
		},
	},
}

// elementOf is x[i]: of an ARRAY from 1, negative from the end, of a MAP by its
// key; NULL where there is none.
func elementOf(x, i row.Value) row.Value {
	if x.Kind() == row.Map {
		v, _ := x.Lookup(i.Str())
		return v
	}
	list, n := x.Elements(), i.Int64()
	if n < 0 {
		n += int64(len(list)) + 1
	}
	if n < 1 || n > int64(len(list)) {
		return row.Value{}
	}
	return list[n-1]
}
