package plan_test

import (
	"strings"
	"testing"

	"parallax/processors/functions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// market declares the source that these tests query.
const market = `CREATE STREAM trades (symbol STRING, price DECIMAL(10,2), n INT) WITH (kafka_topic='trades', key_format='NONE');
`

func compile(t *testing.T, query string) *plan.Plan {
	t.Helper()
	p, err := plan.Compile(market+query, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAggregatesOfConstantsOfDifferentTypesAreNotShared(t *testing.T) {
	q := compile(t, "SELECT SUM(1) AS i, SUM(1e0) AS d FROM trades").Queries[0]
	for i, item := range q.Items {
		a := item.(*plan.Aggregate)
		if got := q.Aggregation.Aggregates[a.Index].Type; !got.Equal(a.T) {
			t.Errorf("item %d is %s and takes the value of an aggregate that is %s", i, a.T, got)
		}
	}
}

func TestASourceWithoutKeysCanHaveKeyedOutputs(t *testing.T) {
	sink := compile(t, "SELECT symbol, COUNT(*) FROM trades GROUP BY symbol").Queries[0].Sink
	if sink.KeyFormat != row.FormatKafka || len(sink.Key) != 1 {
		t.Errorf("the key is %v in format %s", sink.Key, sink.KeyFormat)
	}
}

func TestAnUnnamedKeyHasANameOfItsOwn(t *testing.T) {
	sink := compile(t, "SELECT COUNT(*) FROM trades GROUP BY n + 1").Queries[0].Sink
	if sink.Key[0].Name == sink.Values[0].Name {
		t.Errorf("key and value are both named %s", sink.Key[0].Name)
	}
}

func TestAStringLiteralBeforeINTakesTheListsType(t *testing.T) {
	q := compile(t, "SELECT n FROM trades WHERE '1' IN (n, 2)").Queries[0]
	if got := q.Where.(*plan.In).X.Type(); got.Kind != row.Int {
		t.Errorf("'1' is %s beside an INT", got)
	}
}

func TestAProductHasThePrecisionsOfItsFactorsAdded(t *testing.T) {
	q := compile(t, "SELECT price * price AS p FROM trades").Queries[0]
	if want := row.DecimalType(20, 4); !q.Items[0].Type().Equal(want) {
		t.Errorf("it is %s, not %s", q.Items[0].Type(), want)
	}
}

func TestEachQueryKnowsWhetherItIsOnlyExplained(t *testing.T) {
	p := compile(t, "CREATE STREAM a AS SELECT n FROM trades; EXPLAIN CREATE STREAM b AS SELECT n FROM trades;")
	if p.Queries[0].Explain || !p.Queries[1].Explain {
		t.Errorf("explained: %v, %v", p.Queries[0].Explain, p.Queries[1].Explain)
	}
}

func TestWhatIsRefusedSaysWhereAndWhy(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT COUNT(*) FROM trades GROUP BY NULL":                           "line 2, column 38: GROUP BY requires a column",
		"CREATE STREAM o WITH (kafka_topic='trades') AS SELECT n FROM trades": "line 2, column 1: the query writes topic trades",
		"SELECT n FROM trades /* and":                                         "line 2, column 22: expected the end of the statement, found a comment that is never closed",
		"SELECT n FROM trades ORDER BY n":                                     "line 2, column 22: expected the end of the statement, found ORDER",
		"SELECT EXPLODE(n) FROM trades":                                       "line 2, column 8: EXPLODE: argument 1 is INT, not an ARRAY",
		"SELECT EXPLODE(symbol) FROM trades":                                  "line 2, column 8: EXPLODE: argument 1 is STRING, not an ARRAY",
		"SELECT 1e400 FROM trades":                                            "line 2, column 8: 1e400 is out of range",
	} {
		_, err := plan.Compile(market+query, plan.BuildOptions{DefaultTopic: "OUT"})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", query, err, want)
		}
	}
}

func TestNoFunctionThatRunsIsRefusedAsALaterOne(t *testing.T) {
	for _, name := range functions.Names() {
		_, err := plan.Compile(market+"SELECT "+name+"() FROM trades", plan.BuildOptions{DefaultTopic: "OUT"})
		if err != nil && (strings.Contains(err.Error(), "not supported yet") || strings.Contains(err.Error(), "unknown function")) {
			t.Errorf("%s(): %v", name, err)
		}
	}
}

func TestExplainSaysWhereLimitRuns(t *testing.T) {
	p := compile(t, "SELECT symbol, COUNT(*) AS records FROM trades GROUP BY symbol LIMIT 10")
	if len(p.Stages) != 2 || len(p.Queries) != 1 || p.Queries[0] != p.Stages[1] {
		t.Errorf("%d stages, %d queries", len(p.Stages), len(p.Queries))
	}
	text := p.Explain()
	for _, want := range []string{
		"  V2         by SYMBOL: records of one group must be in one partition, and no two groups share state\n",
		"stage of query 0: OUT\n",
		"query 0: OUT\n  rows       of OUT: ",
		"  limit      the first 10 rows\n  sink       topic OUT, key SYMBOL (KAFKA), value JSON\n" +
			"  V2         one partition: LIMIT counts all rows of the query, so one partition has to see them all\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestExplainSaysWhatKeysTheRowsAndWhatIsExploded(t *testing.T) {
	text := compile(t, `SELECT EXPLODE(SPLIT(symbol, '.')) AS part, n FROM trades PARTITION BY n, n % 2;
CREATE STREAM plain AS SELECT symbol FROM trades PARTITION BY symbol;
CREATE STREAM keyless AS SELECT symbol FROM trades PARTITION BY NULL;`).Explain()
	for _, want := range []string{
		"  explode    SPLIT(SYMBOL, '.'): a row for each element\n",
		"  partition  by N, (N % 2): the key of the rows\n",
		"  select     PART STRING = EXPLODE(SPLIT(SYMBOL, '.')), N INT\n",
		"key N, KSQL_COL_0 (JSON)",
		"  V2         any partition: each record's rows are made of it alone: any routing will do\n",
		"  partition  by SYMBOL: the key of the rows\n",
		"  V2         any partition: each record is projected by itself: any routing will do\n",
		"topic KEYLESS, key none",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestExplainSaysWhatOverLooksAtAndHowItIsSplit(t *testing.T) {
	text := compile(t, `SELECT symbol, AVG(price) OVER (PARTITION BY symbol ROWS 9 PRECEDING) AS mean, LAG(n, 2) OVER (PARTITION BY symbol) AS before FROM trades;
CREATE STREAM whole AS SELECT ROW_NUMBER() OVER () AS number FROM trades;`).Explain()
	for _, want := range []string{
		"  partition  by SYMBOL\n",
		"  over       AVG(PRICE) DECIMAL(38, 6), rows between 9 preceding and current row\n",
		"  over       LAG(N, 2) INT\n",
		"  select     SYMBOL STRING, MEAN DECIMAL(38, 6) = AVG(PRICE) OVER (PARTITION BY SYMBOL ROWS BETWEEN 9 PRECEDING AND CURRENT ROW), BEFORE INT = LAG(N, 2) OVER (PARTITION BY SYMBOL)\n",
		"  V2         by SYMBOL: ",
		"  V2         one partition: OVER without PARTITION BY",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
