package plan

import "parallax/processors/row"

// conditionalFunctions choose among their arguments.
var conditionalFunctions = []Function{
	{
		Name: "COALESCE", Picks: true, Constant: true, Signatures: []string{"T... -> T"}, TakesNull: true, Eval: firstNonNull,
		Doc: "The first argument that is not NULL.", Example: "COALESCE(NULL, 'a', 'b') = 'a'",
	},
	{
		Name: "IFNULL", Picks: true, Constant: true, Signatures: []string{"T, T -> T"}, TakesNull: true, Eval: firstNonNull,
		Doc: "The first argument, or the second where it is NULL.", Example: "IFNULL(NULL, 7) = 7",
	},
	{
		Name: "NULLIF", Picks: true, Signatures: []string{"T, T -> T"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			if !a[0].IsNull() && !a[1].IsNull() && row.Compare(a[0], a[1]) == 0 {
				return row.Value{}, nil
			}
			return a[0], nil
		},
		Doc: "NULL where both arguments are equal, else the first.", Example: "NULLIF('-', '-') = NULL",
	},
	{
		Name: "GREATEST", Picks: true, Signatures: []string{"P... -> P"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return extreme(a, 1), nil },
		Doc:  "The largest argument; NULLs are skipped.", Example: "GREATEST(1, NULL, 3) = 3",
	},
	{
		Name: "LEAST", Picks: true, Signatures: []string{"P... -> P"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return extreme(a, -1), nil },
		Doc:  "The smallest argument; NULLs are skipped.", Example: "LEAST(1, NULL, 3) = 1",
	},
	{
		Name: "AS_VALUE", Picks: true, Constant: true, Signatures: []string{"T -> T"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return a[0], nil },
		Doc:  "The argument as it is: a copy of a key column for the value.", Example: "AS_VALUE('ACME') = 'ACME'",
	},
	{
		Name: "ELT", Picks: true, Constant: true, Signatures: []string{"n INT, STRING... -> STRING"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			n := a[0].Int64()
			if a[0].IsNull() || n < 1 || n >= int64(len(a)) {
				return row.Value{}, nil
			}
			return a[n], nil
		},
		Doc: "The nth of the texts, from 1; NULL where there is none.", Example: "ELT(2, 'a', 'b') = 'b'",
	},
	{
		Name: "FIELD", Signatures: []string{"text STRING, STRING... -> INT"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			for i, v := range a[1:] {
				if !a[0].IsNull() && !v.IsNull() && v.Str() == a[0].Str() {
					return row.NewInt(int64(i + 1)), nil
				}
			}
			return row.NewInt(0), nil
		},
		Doc: "Where among the texts the first argument is, from 1; 0 where it is not.", Example: "FIELD('b', 'a', 'b') = 2",
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
