package functions

import "parallax/processors/row"

// lambdaFunctions apply a lambda to each element or entry.
var lambdaFunctions = []Function{
	{
		Name:       "TRANSFORM",
		Signatures: []string{"ARRAY<T>, (T) => U -> ARRAY<U>", "MAP<STRING, T>, (STRING, T) => STRING, (STRING, T) => U -> MAP<STRING, U>"},
		Apply: func(a []row.Value, f []Closure, _ row.Type) (row.Value, error) {
			if a[0].Kind() == row.Array {
				return transformArray(a[0].Elements(), f[1])
			}
			return transformMap(a[0], f[1], f[2])
		},
		Doc: "What the lambda makes of each element; of a MAP, what two lambdas make of each key (NULL being the text null) and each value.", Example: "TRANSFORM(ARRAY[1, 2, 3], x => x * 10) = ARRAY[10, 20, 30]",
	},
	{
		Name:       "FILTER",
		Signatures: []string{"ARRAY<T>, (T) => BOOLEAN -> ARRAY<T>", "MAP<STRING, T>, (STRING, T) => BOOLEAN -> MAP<STRING, T>"},
		Apply: func(a []row.Value, f []Closure, _ row.Type) (row.Value, error) {
			var names []string
			var kept []row.Value
			err := each(a[0], f[1], nil, func(i int, name string, yes row.Value) {
				if !yes.IsNull() && yes.Bool() {
					names, kept = append(names, name), append(kept, a[0].Elements()[i])
				}
			})
			if err != nil {
				return row.Value{}, err
			}
			if a[0].Kind() == row.Array {
				return row.NewArray(kept), nil
			}
			return row.NewMap(names, kept), nil
		},
		Doc: "The elements, or the entries of a MAP, for which the lambda is true.", Example: "FILTER(ARRAY[1, 2, 3], x => x > 1) = ARRAY[2, 3]",
	},
	{
		Name:       "REDUCE",
		Signatures: []string{"ARRAY<T>, state U, (U, T) => U -> U", "MAP<STRING, T>, state U, (U, STRING, T) => U -> U"},
		Apply: func(a []row.Value, f []Closure, _ row.Type) (row.Value, error) {
			state := []row.Value{a[1]}
			err := each(a[0], f[2], state, func(_ int, _ string, v row.Value) { state[0] = v })
			return state[0], err
		},
		Doc: "What the lambda makes of the state and each element, or entry, one after the other.", Example: "REDUCE(ARRAY[1, 2, 3], 10, (s, x) => s + x) = 16",
	},
}

// each applies a lambda to the elements of an ARRAY, or the keys and values of a
// MAP, after what comes before them.
func each(x row.Value, f Closure, before []row.Value, then func(i int, name string, result row.Value)) error {
	names := x.Names()
	params := make([]row.Value, 0, 3)
	for i, v := range x.Elements() {
		params = append(params[:0], before...)
		name := ""
		if names != nil {
			name = names[i]
			params = append(params, row.NewString(name))
		}
		result, err := f(append(params, v))
		if err != nil {
			return err
		}
		then(i, name, result)
	}
	return nil
}

func transformArray(list []row.Value, f Closure) (row.Value, error) {
	out := make([]row.Value, len(list))
	for i := range list {
		var err error
		if out[i], err = f(list[i : i+1]); err != nil {
			return row.Value{}, err
		}
	}
	return row.NewArray(out), nil
}

func transformMap(x row.Value, key, value Closure) (row.Value, error) {
	keys := make([]string, len(x.Names()))
	values := make([]row.Value, len(keys))
	err := each(x, key, nil, func(i int, _ string, k row.Value) { keys[i] = mapKey(k) })
	if err == nil {
		err = each(x, value, nil, func(i int, _ string, v row.Value) { values[i] = v })
	}
	if err != nil {
		return row.Value{}, err
	}
	return row.NewMap(keys, values), nil
}
