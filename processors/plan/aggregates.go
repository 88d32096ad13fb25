package plan

import "parallax/processors/row"

// The aggregates.
const (
	Count         AggregateFunc = "COUNT"
	CountDistinct AggregateFunc = "COUNT_DISTINCT"
	Sum           AggregateFunc = "SUM"
	Avg           AggregateFunc = "AVG"
	Min           AggregateFunc = "MIN"
	Max           AggregateFunc = "MAX"
	StddevSample  AggregateFunc = "STDDEV_SAMP"
	StddevPop     AggregateFunc = "STDDEV_POP"
	VarSample     AggregateFunc = "VAR_SAMP"
	VarPop        AggregateFunc = "VAR_POP"
	CollectList   AggregateFunc = "COLLECT_LIST"
)

// ExampleRows are what the registry's examples are over.
const ExampleRows = `x INT, y DOUBLE, s STRING: (1, 2, 'a'), (3, 4, 'b'), (NULL, 1, 'a'), (3, 9, NULL)`

// aggregateFunctions are the registry, in the order in which it is listed. Adding
// one is adding an element here, and one of the same name to the engine's list and
// to the oracle's.
var aggregateFunctions = preparedAggregates([]AggregateFunction{
	{
		Name: Count, Signatures: []string{"T -> BIGINT"}, Undo: true,
		Doc: "How many values are not NULL; COUNT(*) counts rows.", Example: "COUNT(x) = 3",
	},
	{
		Name: CountDistinct, Signatures: []string{"T -> BIGINT"}, Undo: true,
		Doc: "How many different values there are, exactly; also COUNT(DISTINCT x).", Example: "COUNT_DISTINCT(x) = 2",
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
		Name: CollectList, Signatures: []string{"T -> ARRAY<T>"}, TakesNull: true, Undo: true,
		Doc: "All values in input order, NULLs among them.", Example: "COLLECT_LIST(x) = ARRAY[1, 3, NULL, 3]",
	},
})

var (
	onNumber  = []string{"N -> N"}
	onMoments = []string{"N -> DOUBLE"}
)

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
