package plan_test

import (
	"fmt"

	"parallax/processors/plan"
)

// A script is planned, and its plan is printed.
func ExampleCompile() {
	p, err := plan.Compile(`
		CREATE STREAM trades (symbol STRING, volume INT)
			WITH (KAFKA_TOPIC = 'trades', VALUE_FORMAT = 'JSON');
		CREATE TABLE totals WITH (KAFKA_TOPIC = 'totals', VALUE_FORMAT = 'JSON') AS
			SELECT symbol, SUM(volume) AS total FROM trades GROUP BY symbol EMIT CHANGES;`, plan.BuildOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(p.Explain())
	// Output:
	// query 0: TOTALS
	//   source     TRADES from topic trades, JSON
	//   decode     SYMBOL STRING, VOLUME INT
	//   event time the record's timestamp
	//   group by   SYMBOL
	//   aggregate  SUM(VOLUME) BIGINT
	//   emit       CHANGES: each record emits its group
	//   select     SYMBOL STRING, TOTAL BIGINT = SUM(VOLUME)
	//   sink       topic totals, key SYMBOL (KAFKA), value JSON
	//   V2         by SYMBOL: records of one group must be in one partition, and no two groups share state
}
