package aggregates

// The aggregates.
const (
	Count               Name = "COUNT"
	CountDistinct       Name = "COUNT_DISTINCT"
	ApproxCountDistinct Name = "APPROX_COUNT_DISTINCT"
	Sum                 Name = "SUM"
	Avg                 Name = "AVG"
	Min                 Name = "MIN"
	Max                 Name = "MAX"
	VarSample           Name = "VAR_SAMP"
	VarPop              Name = "VAR_POP"
	StddevSample        Name = "STDDEV_SAMP"
	StddevPop           Name = "STDDEV_POP"
	Correlation         Name = "CORRELATION"
	Median              Name = "MEDIAN"
	Percentile          Name = "PERCENTILE"
	EarliestByOffset    Name = "EARLIEST_BY_OFFSET"
	LatestByOffset      Name = "LATEST_BY_OFFSET"
	FirstValueOf        Name = "FIRST_VALUE"
	LastValueOf         Name = "LAST_VALUE"
	CollectList         Name = "COLLECT_LIST"
	CollectSet          Name = "COLLECT_SET"
	StringAgg           Name = "STRING_AGG"
	Histogram           Name = "HISTOGRAM"
	TopK                Name = "TOPK"
	TopKDistinct        Name = "TOPKDISTINCT"
)

// ExampleRows are the input of the registry's examples.
const ExampleRows = `x INT, y DOUBLE, s STRING: (1, 2, 'a'), (3, 4, 'b'), (NULL, 1, 'a'), (3, 9, NULL)`

// registry is the aggregates, in the order in which it is listed. Adding
// one is adding an element here, and one of the same name to the engine's list and
// to the oracle's.
var registry = prepared([]Function{
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
