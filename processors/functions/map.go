package functions

import (
	"slices"

	"parallax/processors/functions/signature"
	"parallax/processors/row"
)

// mapFunctions work on MAPs, which are in the order of their keys.
var mapFunctions = []Function{
	{
		Name: "MAP_KEYS", Signatures: []string{"MAP<STRING, T> -> ARRAY<STRING>"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return texts(a[0].Names()), nil },
		Doc:  "The keys, in order.", Example: "MAP_KEYS(MAP('b' := 2, 'a' := 1)) = ARRAY['a', 'b']",
	},
	{
		Name: "MAP_VALUES", Signatures: []string{"MAP<STRING, T> -> ARRAY<T>"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return row.NewArray(a[0].Elements()), nil },
		Doc:  "The values, in the order of their keys.", Example: "MAP_VALUES(MAP('b' := 2, 'a' := 1)) = ARRAY[1, 2]",
	},
	{
		Name: "MAP_UNION", Compares: signature.ByCommonType, Signatures: []string{"MAP<STRING, T>, MAP<STRING, T> -> MAP<STRING, T>"}, TakesNull: true,
		Prepare: func(_ []row.Value, types []row.Type) (Evaluator, string) {
			if types[0].Equal(types[1]) {
				return func(a []row.Value, _ row.Type) (row.Value, error) { return mapUnion(a[0], a[1]), nil }, ""
			}
			return func(a []row.Value, t row.Type) (row.Value, error) { return fitted(mapUnion(a[0], a[1]), t) }, ""
		},
		Doc: "The entries of both, of a key in both the second's; a NULL map is left out, NULL where both are.", Example: "MAP_UNION(MAP('a' := 1, 'b' := 2), MAP('a' := 5)) = MAP('a' := 5, 'b' := 2)",
	},
	{
		Name: "ENTRIES", Signatures: []string{"MAP<STRING, T>, [sorted BOOLEAN] -> ARRAY<STRUCT<K STRING, V T>>"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			names, values := a[0].Names(), a[0].Elements()
			out := make([]row.Value, len(names))
			for i, name := range names {
				out[i] = row.NewStruct(entryFields, []row.Value{row.NewString(name), values[i]})
			}
			return row.NewArray(out), nil
		},
		Doc: "A STRUCT of K and V for each entry, in the order of the keys, whether that is asked for or not.", Example: "ENTRIES(MAP('b' := 2, 'a' := 1), TRUE) = ARRAY[STRUCT(K := 'a', V := 1), STRUCT(K := 'b', V := 2)]",
	},
	{
		Name: "AS_MAP", Signatures: []string{"keys ARRAY<STRING>, values ARRAY<T> -> MAP<STRING, T>"}, Eval: asMap,
		Doc: "A MAP of keys and the values at the same positions, NULL where there are fewer; a NULL key is the text null.", Example: "AS_MAP(ARRAY['a', 'b'], ARRAY[1]) = MAP('a' := 1, 'b' := NULL)",
	},
}

var entryFields = []string{"K", "V"}

func mapUnion(a, b row.Value) row.Value {
	switch {
	case a.IsNull():
		return b
	case b.IsNull():
		return a
	}
	return row.NewMap(slices.Concat(a.Names(), b.Names()), slices.Concat(a.Elements(), b.Elements()))
}

// texts is an ARRAY of STRING.
func texts(list []string) row.Value {
	out := make([]row.Value, len(list))
	for i, s := range list {
		out[i] = row.NewString(s)
	}
	return row.NewArray(out)
}

// mapKey returns the text of a MAP's key: NULL is the text null, as ksqlDB writes it.
func mapKey(k row.Value) string {
	if k.IsNull() {
		return "null"
	}
	return k.Str()
}

func asMap(a []row.Value, _ row.Type) (row.Value, error) {
	keys := make([]string, len(a[0].Elements()))
	values := make([]row.Value, len(keys))
	copy(values, a[1].Elements())
	for i, k := range a[0].Elements() {
		keys[i] = mapKey(k)
	}
	return row.NewMap(keys, values), nil
}
