package plan_test

import (
	"testing"

	"parallax/processors/plan"
)

func TestMarketQueryPlans(t *testing.T) {
	p, err := plan.Compile(`CREATE STREAM trades (symbol STRING, price DECIMAL(10,2), quantity BIGINT, ts TIMESTAMP) WITH (kafka_topic='trades', value_format='JSON', timestamp='ts');
CREATE TABLE by_symbol WITH (kafka_topic='by-symbol') AS SELECT symbol, COUNT(*) AS n, SUM(price*quantity) AS volume FROM trades WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS) GROUP BY symbol EMIT CHANGES;`, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + p.Explain())
}
