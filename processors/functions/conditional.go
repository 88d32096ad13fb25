package functions

import (
	"parallax/processors/functions/signature"
	"parallax/processors/row"
)

// conditionalFunctions choose among their arguments.
var conditionalFunctions = []Function{
	{
		Name: "COALESCE", Picks: true, Constant: true, Signatures: []string{"T... -> T"}, TakesNull: true, Choose: firstNonNull,
		Doc: "The first argument that is not NULL; those after it are not computed.", Example: "COALESCE(NULL, 'a', 'b') = 'a'",
	},
	{
		Name: "IFNULL", Picks: true, Constant: true, Signatures: []string{"T, T -> T"}, TakesNull: true, Choose: firstNonNull,
		Doc: "The first argument, or the second where it is NULL; else the second is not computed.", Example: "IFNULL(NULL, 7) = 7",
	},
	{
		Name: "NULLIF", Picks: true, Compares: signature.ByFirstType, Signatures: []string{"T, T -> T"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			if !a[0].IsNull() && !a[1].IsNull() && row.EqualAcross(a[0], a[1]) {
				return row.Value{}, nil
			}
			return a[0], nil
		},
		Doc: "NULL where both arguments are equal, else the first, in its own type.", Example: "NULLIF('-', '-') = NULL",
	},
	{
		Name: "GREATEST", Picks: true, ReadsTexts: true, Compares: signature.ByCommonType, Signatures: []string{"P... -> P"}, TakesNull: true,
		Eval: func(a []row.Value, t row.Type) (row.Value, error) { return fitted(extreme(a, 1), t) },
		Doc:  "The largest argument; NULLs are skipped.", Example: "GREATEST(1, NULL, 3) = 3",
	},
	{
		Name: "LEAST", Picks: true, ReadsTexts: true, Compares: signature.ByCommonType, Signatures: []string{"P... -> P"}, TakesNull: true,
		Eval: func(a []row.Value, t row.Type) (row.Value, error) { return fitted(extreme(a, -1), t) },
		Doc:  "The smallest argument; NULLs are skipped.", Example: "LEAST(1, NULL, 3) = 1",
	},
	{
		Name: "AS_VALUE", Picks: true, Constant: true, Signatures: []string{"T -> T"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return a[0], nil },
		Doc:  "The argument as it is: a copy of a key column for the value.", Example: "AS_VALUE('ACME') = 'ACME'",
	},
	{
		Name: "ELT", Picks: true, Constant: true, Signatures: []string{"n INT, STRING... -> STRING"}, TakesNull: true,
		Choose: func(arg func(i int) (row.Value, error), n int) (row.Value, error) {
			which, err := arg(0)
			if err != nil || which.IsNull() || which.Int64() < 1 || which.Int64() >= int64(n) {
				return row.Value{}, err
			}
			return arg(int(which.Int64()))
		},
		Doc: "The nth of the texts, from 1; NULL where there is none. The others are not computed.", Example: "ELT(2, 'a', 'b') = 'b'",
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

func firstNonNull(arg func(i int) (row.Value, error), n int) (row.Value, error) {
	for i := range n {
		if v, err := arg(i); err != nil || !v.IsNull() {
			return v, err
		}
	}
	return row.Value{}, nil
}

func extreme(args []row.Value, sign int) row.Value {
	var best row.Value
	for _, a := range args {
		if !a.IsNull() && (best.IsNull() || row.CompareAcross(a, best)*sign > 0) {
			best = a
		}
	}
	return best
}
