package plan

import "parallax/processors/row"

// conditionalFunctions choose among their arguments.
var conditionalFunctions = []Function{
	{
		Name: "COALESCE", MinArgs: 1, MaxArgs: -1, Types: alike, TakesNull: true, Eval: firstNonNull,
		Doc: "The first argument that is not NULL.", Example: "COALESCE(NULL, 'a', 'b') = 'a'",
	},
	{
		Name: "IFNULL", MinArgs: 2, MaxArgs: 2, Types: alike, TakesNull: true, Eval: firstNonNull,
		Doc: "The first argument, or the second where it is NULL.", Example: "IFNULL(NULL, 7) = 7",
	},
	{
		Name: "NULLIF", MinArgs: 2, MaxArgs: 2, Types: alike, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			if !a[0].IsNull() && !a[1].IsNull() && row.Compare(a[0], a[1]) == 0 {
				return row.Value{}, nil
			}
			return a[0], nil
		},
		Doc: "NULL where both arguments are equal, else the first.", Example: "NULLIF('-', '-') = NULL",
	},
	{
		Name: "GREATEST", MinArgs: 1, MaxArgs: -1, Types: alike, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return extreme(a, 1), nil },
		Doc:  "The largest argument; NULLs are skipped.", Example: "GREATEST(1, NULL, 3) = 3",
	},
	{
		Name: "LEAST", MinArgs: 1, MaxArgs: -1, Types: alike, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return extreme(a, -1), nil },
		Doc:  "The smallest argument; NULLs are skipped.", Example: "LEAST(1, NULL, 3) = 1",
	},
}

func firstNonNull(args []row.Value, _ row.Type) (row.Value, error) {
	for _, a := range args {
		if !a.IsNull() {
			return a, nil
		}
	}
	return row.Value{}, nil
}

func extreme(args []row.Value, sign int) row.Value {
	var best row.Value
	for _, a := range args {
		if !a.IsNull() && (best.IsNull() || row.Compare(a, best)*sign > 0) {
			best = a
		}
	}
	return best
}
