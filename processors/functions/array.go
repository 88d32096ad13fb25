package functions

import (
	"slices"
	"strings"

	"parallax/processors/functions/signature"
	"parallax/processors/row"
	"parallax/processors/typing"
)

// arrayFunctions work on ARRAYs. NULL elements are elements like others, and
// equal one another.
var arrayFunctions = []Function{
	{
		Name: "ARRAY_LENGTH", Constant: true, Signatures: []string{"ARRAY<T> -> INT"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return row.NewInt(int64(len(a[0].Elements()))), nil
		},
		Doc: "The number of elements.", Example: "ARRAY_LENGTH(ARRAY[1, NULL, 3]) = 3",
	},
	{
		Name: "ARRAY_CONTAINS", Compares: signature.ByFirstType, Signatures: []string{"ARRAY<T>, T -> BOOLEAN"}, TakesNull: true,
		Prepare: comparingElements(func(list []row.Value, a []row.Value, equal equality) (row.Value, error) {
			return row.NewBoolean(slices.ContainsFunc(list, func(e row.Value) bool { return equal(e, a[1]) })), nil
		}),
		Doc: "Whether the value, which may be NULL, is an element.", Example: "ARRAY_CONTAINS(ARRAY[1, 2, 3], 3) = TRUE",
	},
	{
		Name: "ARRAY_CONCAT", Signatures: []string{"ARRAY<T>, ARRAY<T> -> ARRAY<T>"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			switch {
			case a[0].IsNull():
				return a[1], nil
			case a[1].IsNull():
				return a[0], nil
			}
			return row.NewArray(slices.Concat(a[0].Elements(), a[1].Elements())), nil
		},
		Doc: "The elements of both; a NULL array is left out, NULL where both are.", Example: "ARRAY_CONCAT(ARRAY[1, 2], ARRAY[2]) = ARRAY[1, 2, 2]",
	},
	{
		Name: "ARRAY_DISTINCT", Signatures: []string{"ARRAY<T> -> ARRAY<T>"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return distinct(a[0].Elements(), func(row.Value) bool { return true }), nil
		},
		Doc: "Each element once, where it comes first.", Example: "ARRAY_DISTINCT(ARRAY[1, 1, 2, 1]) = ARRAY[1, 2]",
	},
	{
		Name: "ARRAY_EXCEPT", Compares: signature.ByCommonType, Signatures: []string{"ARRAY<T>, ARRAY<T> -> ARRAY<T>"}, Prepare: chosenByArray(false),
		Doc: "Each element of the first that is not in the second, once.", Example: "ARRAY_EXCEPT(ARRAY[1, 2, 3, 1], ARRAY[2, 3]) = ARRAY[1]",
	},
	{
		Name: "ARRAY_INTERSECT", Compares: signature.ByCommonType, Signatures: []string{"ARRAY<T>, ARRAY<T> -> ARRAY<T>"}, Prepare: chosenByArray(true),
		Doc: "Each element of the first that is in the second too, once.", Example: "ARRAY_INTERSECT(ARRAY[1, 2, 3, 1], ARRAY[2, 1]) = ARRAY[1, 2]",
	},
	{
		Name: "ARRAY_UNION", Signatures: []string{"ARRAY<T>, ARRAY<T> -> ARRAY<T>"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return distinct(slices.Concat(a[0].Elements(), a[1].Elements()), func(row.Value) bool { return true }), nil
		},
		Doc: "Each element of both, once.", Example: "ARRAY_UNION(ARRAY[1, 2, 3, 1], ARRAY[4, 1]) = ARRAY[1, 2, 3, 4]",
	},
	{
		Name: "ARRAY_MAX", Picks: true, Signatures: []string{"ARRAY<P> -> P"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return extreme(a[0].Elements(), 1), nil },
		Doc:  "The largest element; NULLs are skipped.", Example: "ARRAY_MAX(ARRAY[-1, 2, NULL, 0]) = 2",
	},
	{
		Name: "ARRAY_MIN", Picks: true, Signatures: []string{"ARRAY<P> -> P"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return extreme(a[0].Elements(), -1), nil },
		Doc:  "The smallest element; NULLs are skipped.", Example: "ARRAY_MIN(ARRAY['Foo', 'Bar', NULL, 'baz']) = 'Bar'",
	},
	{
		Name: "ARRAY_SORT", Signatures: []string{"ARRAY<P>, [direction STRING] -> ARRAY<P>"}, Prepare: sorting,
		Doc: "The elements in order, 'ASC' or 'DESC'; NULLs last either way.", Example: "ARRAY_SORT(ARRAY[-1, 2, NULL, 0]) = ARRAY[-1, 0, 2, NULL]",
	},
	{
		Name: "ARRAY_JOIN", Signatures: []string{"ARRAY<P>, [delimiter STRING] -> STRING"}, TakesNull: true,
		Eval: onArray(joinArray),
		Doc:  "The elements' texts with the delimiter, or a comma, between them; NULL elements are the text null.", Example: "ARRAY_JOIN(ARRAY[1, NULL, 3], '-') = '1-null-3'",
	},
	{
		Name: "ARRAY_REMOVE", Compares: signature.ByFirstType, Signatures: []string{"ARRAY<T>, T -> ARRAY<T>"}, TakesNull: true,
		Prepare: comparingElements(func(list []row.Value, a []row.Value, equal equality) (row.Value, error) {
			var kept []row.Value
			for _, v := range list {
				if !equal(v, a[1]) {
					kept = append(kept, v)
				}
			}
			return row.NewArray(kept), nil
		}),
		Doc: "The elements that are not the value, which may be NULL and of another type.", Example: "ARRAY_REMOVE(ARRAY[1, 2, 3, 2, 1], 2) = ARRAY[1, 3, 1]",
	},
	{
		Name: "SLICE", Picks: true, Constant: true, Signatures: []string{"ARRAY<T>, from INT, to INT -> ARRAY<T>"}, TakesNull: true, Eval: onArray(sliceArray),
		Doc: "The elements from one position to another, both included, from 1; NULL for an end leaves it open; NULL where the array does not reach so far.", Example: "SLICE(ARRAY['a', 'b', 'c'], 2, 3) = ARRAY['b', 'c']",
	},
	{
		Name: "GENERATE_SERIES", Signatures: []string{"from INT, to INT, [step INT] -> ARRAY<INT>", "from BIGINT, to BIGINT, [step BIGINT] -> ARRAY<BIGINT>"},
		Eval: generateSeries,
		Doc:  "The numbers from one to another, both included, by steps of 1, -1, or what is given.", Example: "GENERATE_SERIES(1, 9, 3) = ARRAY[1, 4, 7]",
	},
}

// onArray is a function that takes NULL, but for its array.
func onArray(f func(list, a []row.Value) (row.Value, error)) Evaluator {
	return func(a []row.Value, _ row.Type) (row.Value, error) {
		if a[0].IsNull() {
			return row.Value{}, nil
		}
		return f(a[0].Elements(), a)
	}
}

// equality is how elements are compared.
type equality func(a, b row.Value) bool

// comparingElements is a function that compares an array's elements with its second
// argument, which may be of another type.
func comparingElements(f func(list, a []row.Value, equal equality) (row.Value, error)) Preparer {
	return func(_ []row.Value, types []row.Type) (Evaluator, string) {
		equal := row.EqualAcross
		if types[0].Elem == nil || types[0].Elem.Equal(types[1]) {
			equal = row.Equal
		}
		return onArray(func(list, a []row.Value) (row.Value, error) { return f(list, a, equal) }), ""
	}
}

// chosenByArray is a function that chooses the first array's elements by whether they
// are in the second.
func chosenByArray(in bool) Preparer {
	return func(_ []row.Value, types []row.Type) (Evaluator, string) {
		if types[0].Equal(types[1]) || types[0].Elem == nil || types[1].Elem == nil {
			return func(a []row.Value, _ row.Type) (row.Value, error) {
				set := setOf(a[1].Elements())
				return distinct(a[0].Elements(), func(v row.Value) bool { return set.has(v) == in }), nil
			}, ""
		}
		compared := typing.Exactly(*types[0].Elem, *types[1].Elem)
		return func(a []row.Value, t row.Type) (row.Value, error) {
			var second []row.Value
			for _, v := range a[1].Elements() {
				if v, ok := typing.Fit(v, compared); ok {
					second = append(second, v)
				}
			}
			set := setOf(second)
			chosen := distinct(a[0].Elements(), func(v row.Value) bool {
				v, _ = typing.Fit(v, compared)
				return set.has(v) == in
			})
			return fitted(chosen, t)
		}, ""
	}
}

func contains(list []row.Value, v row.Value) bool {
	return slices.ContainsFunc(list, func(e row.Value) bool { return row.Equal(e, v) })
}

// valueSet finds values; few are looked at one by one.
type valueSet struct {
	list  []row.Value
	table row.KeyTable[struct{}]
}

const fewValues = 8

func setOf(list []row.Value) *valueSet {
	s := &valueSet{list: list}
	if len(list) > fewValues {
		for i := range list {
			s.add(list[i : i+1])
		}
	}
	return s
}

func (s *valueSet) add(v []row.Value) bool {
	hash := row.Hash(v)
	if s.table.Find(hash, v) != nil {
		return false
	}
	s.table.Add(hash, v)
	return true
}

func (s *valueSet) has(v row.Value) bool {
	if s.table.Len() == 0 {
		return contains(s.list, v)
	}
	one := []row.Value{v}
	return s.table.Find(row.Hash(one), one) != nil
}

// distinct keeps each element once, of those that keep says yes to.
func distinct(list []row.Value, keep func(row.Value) bool) row.Value {
	var out []row.Value
	var seen valueSet
	for i, v := range list {
		if !keep(v) {
			continue
		}
		if len(list) <= fewValues && contains(out, v) || len(list) > fewValues && !seen.add(list[i:i+1]) {
			continue
		}
		out = append(out, v)
	}
	return row.NewArray(out)
}

func sorting(constants []row.Value, _ []row.Type) (Evaluator, string) {
	sign := func(v row.Value) int {
		switch strings.ToUpper(v.Str()) {
		case "ASC", "ASCENDING":
			return 1
		case "DESC", "DESCENDING":
			return -1
		}
		return 0
	}
	if len(constants) == 2 && !constants[1].IsNull() && sign(constants[1]) == 0 {
		return nil, "the direction is 'ASC' or 'DESC'"
	}
	return func(a []row.Value, _ row.Type) (row.Value, error) {
		direction := 1
		if len(a) == 2 {
			if direction = sign(a[1]); direction == 0 {
				return row.Value{}, ErrArgument
			}
		}
		out := slices.Clone(a[0].Elements())
		slices.SortStableFunc(out, func(x, y row.Value) int {
			if x.IsNull() || y.IsNull() {
				return row.Compare(y, x) // NULLs last
			}
			return direction * row.Compare(x, y)
		})
		return row.NewArray(out), nil
	}, ""
}

func joinArray(list, a []row.Value) (row.Value, error) {
	delimiter := ","
	if len(a) == 2 {
		delimiter = a[1].Str() // NULL is nothing
	}
	var b []byte
	for i, v := range list {
		if i > 0 {
			b = append(b, delimiter...)
		}
		if b = row.AppendText(b, v); len(b) > MaxResult {
			return row.Value{}, ErrResultSize
		}
	}
	return row.NewString(string(b)), nil
}

func sliceArray(list, a []row.Value) (row.Value, error) {
	from, to := int64(1), int64(len(list))
	if !a[1].IsNull() {
		from = a[1].Int64()
	}
	if !a[2].IsNull() {
		to = a[2].Int64()
	}
	if from < 1 || to > int64(len(list)) || from > to+1 {
		return row.Value{}, nil
	}
	return row.NewArray(list[from-1 : to : to]), nil
}

func generateSeries(a []row.Value, t row.Type) (row.Value, error) {
	from, to := a[0].Int64(), a[1].Int64()
	step := int64(1)
	if to < from {
		step = -1
	}
	if len(a) == 3 {
		step = a[2].Int64()
	}
	if step == 0 || from < to && step < 0 || from > to && step > 0 {
		return row.Value{}, ErrArgument
	}
	// The distance and the step as unsigned numbers: neither can overflow.
	distance, stride := uint64(to-from), uint64(step)
	if step < 0 {
		distance, stride = uint64(from-to), -uint64(step)
	}
	n := distance / stride
	if n >= maxElements {
		return row.Value{}, ErrResultSize
	}
	out := make([]row.Value, n+1)
	for i := range out {
		out[i] = row.NewIntegral(t.Elem.Kind, from+int64(i)*step)
	}
	return row.NewArray(out), nil
}
