package oracle

import (
	"slices"
	"strings"

	"parallax/processors/row"
)

// byOffset returns the first or, with fromEnd, the last values; keepsNulls says whether
// NULL counts as a value unless the call says otherwise.
func byOffset(fromEnd, keepsNulls bool) definition {
	return func(rows [][]row.Value, call *aggregateCall) (row.Value, error) {
		n, array, nulls := 1, false, keepsNulls
		for _, c := range call.Constants {
			if c.Kind() == row.Int {
				n, array = int(c.Int64()), true
			} else {
				nulls = !c.Bool()
			}
		}
		values := known(rows)
		if nulls {
			values = first(rows)
		}
		if fromEnd {
			slices.Reverse(values)
		}
		values = values[:min(n, len(values))]
		if fromEnd {
			slices.Reverse(values)
		}
		switch {
		case array:
			return row.NewArray(values), nil
		case len(values) == 0:
			return row.Value{}, nil
		}
		return values[0], nil
	}
}

func joined(values []row.Value, call *aggregateCall) (row.Value, error) {
	var texts []string
	for _, v := range values {
		texts = append(texts, v.Str())
	}
	return row.NewString(strings.Join(texts, call.Constants[0].Str())), nil
}

// histogram counts the first thousand different texts.
func histogram(rows [][]row.Value, call *aggregateCall) (row.Value, error) {
	values := known(rows)
	different := distinct(values, call.stop)
	different = different[:min(1000, len(different))]
	var keys []string
	var counts []row.Value
	for _, text := range different {
		n := int64(0)
		for _, v := range values {
			if call.stop.isDue() {
				break
			}
			if v.Str() == text.Str() {
				n++
			}
		}
		keys, counts = append(keys, text.Str()), append(counts, row.NewBigint(n))
	}
	return row.NewMap(keys, counts), nil
}

// top sorts all values and returns the first k; of equal values the earlier one comes
// first.
func top(different bool) definition {
	return func(rows [][]row.Value, call *aggregateCall) (row.Value, error) {
		var left [][]row.Value
		for _, r := range rows {
			same := func(o []row.Value) bool { return call.stop.isDue() || row.Equal(o[0], r[0]) }
			if !r[0].IsNull() && !(different && slices.ContainsFunc(left, same)) {
				left = append(left, r)
			}
		}
		slices.SortStableFunc(left, func(a, b []row.Value) int { return row.Compare(b[0], a[0]) })
		left = left[:min(int(call.Constants[0].Int64()), len(left))]
		var values []row.Value
		for _, r := range left {
			if elem := call.Type.Elem; len(r) > 1 {
				var names []string
				for _, f := range elem.Fields {
					names = append(names, f.Name)
				}
				values = append(values, row.NewStruct(names, r))
			} else {
				values = append(values, r[0])
			}
		}
		return row.NewArray(values), nil
	}
}
