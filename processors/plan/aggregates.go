package plan

import (
	"fmt"

	"parallax/processors/row"
)

// The aggregates.
const (
	Count               AggregateFunc = "COUNT"
	CountDistinct       AggregateFunc = "COUNT_DISTINCT"
	ApproxCountDistinct AggregateFunc = "APPROX_COUNT_DISTINCT"
	Sum                 AggregateFunc = "SUM"
	Avg                 AggregateFunc = "AVG"
	Min                 AggregateFunc = "MIN"
	Max                 AggregateFunc = "MAX"
	VarSample           AggregateFunc = "VAR_SAMP"
	VarPop              AggregateFunc = "VAR_POP"
	StddevSample        AggregateFunc = "STDDEV_SAMP"
	StddevPop           AggregateFunc = "STDDEV_POP"
	Correlation         AggregateFunc = "CORRELATION"
	Median              AggregateFunc = "MEDIAN"
	Percentile          AggregateFunc = "PERCENTILE"
	EarliestByOffset    AggregateFunc = "EARLIEST_BY_OFFSET"
	LatestByOffset      AggregateFunc = "LATEST_BY_OFFSET"
	FirstValueOf        AggregateFunc = "FIRST_VALUE"
	LastValueOf         AggregateFunc = "LAST_VALUE"
	CollectList         AggregateFunc = "COLLECT_LIST"
	CollectSet          AggregateFunc = "COLLECT_SET"
	StringAgg           AggregateFunc = "STRING_AGG"
	Histogram           AggregateFunc = "HISTOGRAM"
	TopK                AggregateFunc = "TOPK"
	TopKDistinct        AggregateFunc = "TOPKDISTINCT"
)

// ExampleRows are what the registry's examples are over.
const ExampleRows = `x INT, y DOUBLE, s STRING: (1, 2, 'a'), (3, 4, 'b'), (NULL, 1, 'a'), (3, 9, NULL)`

// aggregateFunctions are the registry, in the order in which it is listed. Adding
// one is adding an element here, and one of the same name to the engine's list and
// to the oracle's.
var aggregateFunctions = preparedAggregates([]AggregateFunction{
	{
		Name: Count, Signatures: []string{"T -> BIGINT"}, Undo: true,
		Doc: "How many values are not NULL; COUNT(*) and COUNT() count rows.", Example: "COUNT(x) = 3",
	},
	{
		Name: CountDistinct, Signatures: []string{"T -> BIGINT"}, Undo: true,
		Doc: "How many different values there are, exactly; also COUNT(DISTINCT x).", Example: "COUNT_DISTINCT(x) = 2",
	},
	{
		Name: ApproxCountDistinct, Signatures: []string{"T -> BIGINT"},
		Doc: "About how many different values there are, by HyperLogLog with 4,096 registers: a standard error of 1.6 %.", Example: "APPROX_COUNT_DISTINCT(x) = 2",
	},
	{
		Name: Sum, Signatures: onNumber, Type: sumType, Undo: true,
		Doc: "The sum: a BIGINT of integers, a DECIMAL(38, s) of DECIMAL(p, s), a DOUBLE of DOUBLEs.", Example: "SUM(x) = 7",
	},
	{
		Name: Avg, Signatures: onNumber, Type: avgType, Undo: true,
		Doc: "The mean: a DOUBLE, of DECIMAL(p, s) a DECIMAL(38, max(6, s)).", Example: "AVG(y) = 4",
	},
	{
		Name: Min, Signatures: []string{"P -> P"},
		Doc: "The smallest value.", Example: "MIN(s) = 'a'",
	},
	{
		Name: Max, Signatures: []string{"P -> P"},
		Doc: "The largest value.", Example: "MAX(x) = 3",
	},
	{
		Name: VarSample, Aliases: []string{"VARIANCE", "VARIANCE_SAMP"}, Signatures: onMoments, Undo: true,
		Doc: "The sample variance: NULL of fewer than two values.", Example: "VAR_SAMP(x) = 4e0 / 3",
	},
	{
		Name: VarPop, Aliases: []string{"VARIANCE_POP"}, Signatures: onMoments, Undo: true,
		Doc: "The variance of the population.", Example: "VAR_POP(x) = 8e0 / 9",
	},
	{
		Name: StddevSample, Aliases: []string{"STDDEV", "STDDEV_SAMPLE"}, Signatures: onMoments, Undo: true,
		Doc: "The square root of VAR_SAMP.", Example: "STDDEV_SAMP(x) = SQRT(4e0 / 3)",
	},
	{
		Name: StddevPop, Signatures: onMoments, Undo: true,
		Doc: "The square root of VAR_POP.", Example: "STDDEV_POP(x) = SQRT(8e0 / 9)",
	},
	{
		Name: Correlation, Signatures: []string{"x DOUBLE, y DOUBLE -> DOUBLE"}, Values: 2, Undo: true,
		Doc: "Pearson's correlation coefficient: NaN of fewer than two records, or where all x or all y are the same.", Example: "CORRELATION(x, 4 - x) = -1e0",
	},
	{
		Name: Median, Signatures: []string{"DOUBLE -> DOUBLE"},
		Doc: "PERCENTILE at 0.5.", Example: "MEDIAN(y) = 3",
	},
	{
		Name: Percentile, Signatures: []string{"DOUBLE, p DOUBLE -> DOUBLE"}, Wrong: wrongPart,
		Doc: "The value at a part p, from 0 to 1, of the way from the smallest to the largest, by a sketch: less than 1/128 off.", Example: "PERCENTILE(y, 0.75) = 5.25",
	},
	{
		Name: EarliestByOffset, Signatures: byOffset, TakesNull: true, Wrong: wrongNumber,
		Doc: "The first value in input order or, with n, the first n; NULLs are passed over unless ignorenulls is FALSE.", Example: "EARLIEST_BY_OFFSET(x, 2) = ARRAY[1, 3]",
	},
	{
		Name: LatestByOffset, Signatures: byOffset, TakesNull: true, Wrong: wrongNumber,
		Doc: "The last value in input order or, with n, the last n in input order; NULLs are passed over unless ignorenulls is FALSE.", Example: "LATEST_BY_OFFSET(s, 2, FALSE) = ARRAY['a', NULL]",
	},
	{
		Name: FirstValueOf, Signatures: []string{"T -> T"}, TakesNull: true,
		Doc: "The value of the first record in input order, NULL or not.", Example: "FIRST_VALUE(x) = 1",
	},
	{
		Name: LastValueOf, Signatures: []string{"T -> T"}, TakesNull: true,
		Doc: "The value of the last record in input order, NULL or not.", Example: "LAST_VALUE(x) = 3",
	},
	{
		Name: CollectList, Signatures: []string{"T -> ARRAY<T>"}, TakesNull: true, Undo: true,
		Doc: "All values in input order, NULLs among them.", Example: "COLLECT_LIST(x) = ARRAY[1, 3, NULL, 3]",
	},
	{
		Name: CollectSet, Signatures: []string{"T -> ARRAY<T>"}, TakesNull: true,
		Doc: "The different values, in the order in which they were first seen, NULL among them.", Example: "COLLECT_SET(x) = ARRAY[1, 3, NULL]",
	},
	{
		Name: StringAgg, Signatures: []string{"STRING, separator STRING -> STRING"}, Undo: true,
		Doc: "The texts in input order, with the separator between them; NULL of none.", Example: "STRING_AGG(s, '-') = 'a-b-a'",
	},
	{
		Name: Histogram, Signatures: []string{"STRING -> MAP<STRING, BIGINT>"}, Undo: true,
		Doc: "How often each text came, of the first 1,000 different ones.", Example: "HISTOGRAM(s) = MAP('a' := 2, 'b' := 1)",
	},
	{
		Name: TopK, Signatures: []string{"P, k INT -> ARRAY<P>"}, Others: true, With: "P, T..., k INT -> ARRAY<STRUCT<sort_col P, col0 T, ...>>",
		TakesNull: true, Type: topType, Wrong: wrongNumber,
		Doc: "The k largest values, descending, duplicates among them, NULLs passed over; with further columns STRUCTs of theirs, the earlier record first of equal values.", Example: "TOPK(x, 2) = ARRAY[3, 3]",
	},
	{
		Name: TopKDistinct, Signatures: []string{"P, k INT -> ARRAY<P>"}, Wrong: wrongNumber,
		Doc: "The k largest different values, descending.", Example: "TOPKDISTINCT(x, 2) = ARRAY[3, 1]",
	},
})

var (
	onNumber  = []string{"N -> N"}
	onMoments = []string{"N -> DOUBLE"}
	byOffset  = []string{
		"T -> T", "T, ignorenulls BOOLEAN -> T", "T, n INT -> ARRAY<T>", "T, n INT, ignorenulls BOOLEAN -> ARRAY<T>",
	}
)

// mostKept is how many values TOPK and the n-forms may be asked for.
const mostKept = 1_000_000

func wrongNumber(constants []row.Value) string {
	if v := constants[0]; v.Kind() == row.Int && (v.Int64() < 1 || v.Int64() > mostKept) {
		return fmt.Sprintf("%d is no number from 1 to %d", v.Int64(), mostKept)
	}
	return ""
}

func wrongPart(constants []row.Value) string {
	if p := constants[0].Float64(); !(p >= 0 && p <= 1) {
		return constants[0].String() + " is no part from 0 to 1: PERCENTILE(x, 0.95), say"
	}
	return ""
}

// topType is that of values or, with further columns, of STRUCTs.
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
