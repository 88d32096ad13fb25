package aggregates

import (
	"fmt"

	"parallax/processors/row"
)

// mostKept is how many values TOPK and the n-forms may be asked for.
const mostKept = 1_000_000

func wrongNumber(constants []row.Value) string {
	if v := constants[0]; v.Kind() == row.Int && (v.Int64() < 1 || v.Int64() > mostKept) {
		return fmt.Sprintf("%d is not a number from 1 to %d", v.Int64(), mostKept)
	}
	return ""
}

func wrongPart(constants []row.Value) string {
	if p := constants[0].Float64(); !(p >= 0 && p <= 1) {
		return constants[0].String() + " is no part from 0 to 1: PERCENTILE(x, 0.95), say"
	}
	return ""
}

// topType returns the type of the values or, with further columns, of STRUCTs.
func topType(args []row.Type) row.Type {
	elem := args[0]
	if len(args) > 1 {
		elem = row.Of(row.Struct)
		for i, t := range args {
			name := "sort_col"
			if i > 0 {
				name = fmt.Sprintf("col%d", i-1)
			}
			elem.Fields = append(elem.Fields, row.Column{Name: name, Type: t})
		}
	}
	return row.Type{Kind: row.Array, Elem: &elem}
}

func sumType(args []row.Type) row.Type {
	switch t := args[0]; t.Kind {
	case row.Int, row.Bigint:
		return row.Of(row.Bigint)
	case row.Decimal:
		return row.DecimalType(row.MaxPrecision, t.Scale)
	default:
		return t
	}
}

func avgType(args []row.Type) row.Type {
	if t := args[0]; t.Kind == row.Decimal {
		return row.DecimalType(row.MaxPrecision, max(6, t.Scale))
	}
	return row.Of(row.Double)
}
