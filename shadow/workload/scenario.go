package workload

import (
	"fmt"
	"strings"
)

// Scenario is a query with its data and with what a run of it can show.
type Scenario struct {
	ID, Title string
	// Topics are read; OutTopic is written, by the first query of several.
	Topics   []string
	OutTopic string
	SQL      string
	// Records is the default number of records of a demo.
	Records int
	// Level is the level that V2 must hold. MinKeys (distinct keys, if the output has a
	// key), MinUnits and MaxProbability are limits that a run can reach: a query over 200
	// keys cannot show that fewer than 1 in 1,000 diverge.
	Level             string
	MinKeys, MinUnits int64
	MaxProbability    float64
	// MaxLate is the share of records that is late by design, 0 if almost none is.
	MaxLate float64
	// Unsplittable: one partition must process all of the query's rows.
	Unsplittable bool
	// Bad is the default percentage of truncated records.
	Bad float64
	// DeadLetters: late records, and records whose expressions fail, are dead letters
	// (on_error: dlq, late: dlq).
	DeadLetters bool
	data        data
}

// data is which records a scenario has.
type data uint8

const (
	market data = iota
	orders
	ordersPaid
	groupsInTurn
	deskTrades
)

const marketSource = `CREATE STREAM market_data (trader_id STRING, symbol STRING, price DECIMAL(10, 2), quantity BIGINT, ts TIMESTAMP)
  WITH (kafka_topic='market_data', value_format='JSON', timestamp='ts');
`

const byTrader = `  SELECT trader_id, symbol, COUNT(*) AS trades, AVG(price) AS average, SUM(quantity) AS volume, SUM(price * quantity) AS turnover
  FROM market_data WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)
  GROUP BY trader_id, symbol `

const bySymbol = `  SELECT symbol, COUNT(*) AS trades, AVG(price) AS average, MIN(price) AS low, MAX(price) AS high, SUM(quantity) AS volume
  FROM market_data GROUP BY symbol `

const ordersSource = `CREATE STREAM orders (order_id BIGINT, customer_id BIGINT, order_date TIMESTAMP, total_amount DECIMAL(10, 2), status STRING)
  WITH (kafka_topic='orders', value_format='JSON', timestamp='order_date');
`

const paymentsSource = `CREATE STREAM payments (payment_id BIGINT, order_id BIGINT, amount DECIMAL(10, 2), method STRING, paid_at TIMESTAMP)
  WITH (kafka_topic='payments', value_format='JSON', timestamp='paid_at');
`

// scenarios are all scenarios.
var scenarios = []Scenario{
	tradingDesks,
	{
		ID: "0", Title: "filter orders", Topics: []string{"orders"}, OutTopic: "large-orders", data: orders,
		SQL: ordersSource + `CREATE STREAM large_orders WITH (kafka_topic='large-orders') AS
  SELECT order_id, customer_id, order_date, total_amount FROM orders WHERE total_amount > 100;
`,
		Records: 200_000, Level: "E1", MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "1", Title: "moving average", Topics: []string{"market_data"}, OutTopic: "moving-average",
		SQL: marketSource + `CREATE STREAM moving_average WITH (kafka_topic='moving-average') AS
  SELECT symbol, price, AVG(price) OVER (PARTITION BY symbol ROWS BETWEEN 99 PRECEDING AND CURRENT ROW) AS average
  FROM market_data;
`,
		Records: 200_000, Level: "E1", MinKeys: 200, MinUnits: 200, MaxProbability: 0.02,
	},
	{
		ID: "2", Title: "totals by symbol, at the end", Topics: []string{"market_data"}, OutTopic: "by-symbol",
		SQL:     marketSource + "CREATE TABLE by_symbol WITH (kafka_topic='by-symbol') AS\n" + bySymbol + "EMIT FINAL;\n",
		Records: 200_000, Level: "E1", MinKeys: 200, MinUnits: 200, MaxProbability: 0.02,
	},
	{
		ID: "2c", Title: "totals by symbol, each change", Topics: []string{"market_data"}, OutTopic: "by-symbol",
		SQL:     marketSource + "CREATE TABLE by_symbol WITH (kafka_topic='by-symbol') AS\n" + bySymbol + "EMIT CHANGES;\n",
		Records: 200_000, Level: "E1", MinKeys: 200, MinUnits: 200, MaxProbability: 0.02,
	},
	{
		ID: "3a", Title: "totals by trader, symbol and minute, when it is over", Topics: []string{"market_data"}, OutTopic: "by-trader-symbol",
		SQL:     marketSource + "CREATE TABLE by_trader_symbol WITH (kafka_topic='by-trader-symbol') AS\n" + byTrader + "EMIT FINAL;\n",
		Records: 200_000, Level: "E1", MinKeys: 3_000, MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "3b", Title: "totals by trader, symbol and minute, each change", Topics: []string{"market_data"}, OutTopic: "by-trader-symbol",
		SQL:     marketSource + "CREATE TABLE by_trader_symbol WITH (kafka_topic='by-trader-symbol') AS\n" + byTrader + "EMIT CHANGES;\n",
		Records: 200_000, Level: "E1", MinKeys: 3_000, MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "session", Title: "totals by trader and session, each change", Topics: []string{"market_data"}, OutTopic: "by-session",
		SQL: marketSource + `CREATE TABLE by_session WITH (kafka_topic='by-session') AS
  SELECT trader_id, COUNT(*) AS trades, SUM(quantity) AS volume, SUM(price * quantity) AS turnover
  FROM market_data WINDOW SESSION (100 MILLISECONDS, GRACE PERIOD 10 SECONDS)
  GROUP BY trader_id EMIT CHANGES;
`,
		Records: 200_000, Level: "E1", MinKeys: 20, MinUnits: 1_000, MaxProbability: 0.003,
	},
	{
		ID: "hopping", Title: "totals by symbol and minute, a minute each ten seconds, each change", Topics: []string{"market_data"}, OutTopic: "by-symbol-minute",
		SQL: marketSource + `CREATE TABLE by_symbol_minute WITH (kafka_topic='by-symbol-minute') AS
  SELECT symbol, COUNT(*) AS trades, AVG(price) AS average, SUM(quantity) AS volume
  FROM market_data WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 10 SECONDS, GRACE PERIOD 10 SECONDS)
  GROUP BY symbol EMIT CHANGES;
`,
		Records: 200_000, Level: "E1", MinKeys: 200, MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "join", Title: "orders with their payments", Topics: []string{"orders", "payments"}, OutTopic: "paid-orders", data: ordersPaid,
		SQL: ordersSource + paymentsSource + `CREATE STREAM paid_orders WITH (kafka_topic='paid-orders') AS
  SELECT o.order_id AS order_id, o.customer_id AS customer_id, o.total_amount AS total_amount,
    p.payment_id AS payment_id, p.amount AS amount, p.method AS method
  FROM orders o JOIN payments p WITHIN 5 SECONDS GRACE PERIOD 10 SECONDS ON o.order_id = p.order_id EMIT CHANGES;
`,
		Records: 200_000, Level: "E1", MinKeys: 3_000, MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "distinct", Title: "pairs of trader and symbol, each once", Topics: []string{"market_data"}, OutTopic: "pairs",
		SQL:     marketSource + "CREATE STREAM pairs WITH (kafka_topic='pairs') AS\n  SELECT DISTINCT trader_id, symbol FROM market_data;\n",
		Records: 200_000, Level: "E1", MinKeys: 3_000, MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "limit", Title: "the first trades", Topics: []string{"market_data"}, OutTopic: "first-trades",
		SQL:     marketSource + "CREATE STREAM first_trades WITH (kafka_topic='first-trades') AS\n  SELECT trader_id, symbol, price FROM market_data PARTITION BY trader_id, symbol LIMIT 100;\n",
		Records: 20_000, Level: "E1", MinKeys: 90, MinUnits: 90, MaxProbability: 0.05, Unsplittable: true,
	},
	{
		ID: "seconds", Title: "totals by symbol and second, each change", Topics: []string{"market_data"}, OutTopic: "by-second",
		SQL: marketSource + `CREATE TABLE by_second WITH (kafka_topic='by-second') AS
  SELECT symbol, COUNT(*) AS trades, SUM(quantity) AS volume FROM market_data WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 10 SECONDS) GROUP BY symbol EMIT CHANGES;
`,
		Records: 20_000, Level: "E1", MinKeys: 200, MinUnits: 2_000, MaxProbability: 0.01,
	},
	{
		ID: "late", Title: "totals by symbol and second, when it is over, without grace", Topics: []string{"market_data"}, OutTopic: "by-second",
		SQL: marketSource + `CREATE TABLE by_second WITH (kafka_topic='by-second') AS
  SELECT symbol, COUNT(*) AS trades, SUM(quantity) AS volume FROM market_data WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 0 SECONDS) GROUP BY symbol EMIT FINAL;
`,
		Records: 20_000, Level: "E1", MinKeys: 200, MinUnits: 2_000, MaxProbability: 0.01, MaxLate: 0.15,
	},
	{
		ID: "bad", Title: "totals by trader, symbol and minute, each change; some records do not decode", Topics: []string{"market_data"}, OutTopic: "by-trader-symbol",
		SQL:     marketSource + "CREATE TABLE by_trader_symbol WITH (kafka_topic='by-trader-symbol') AS\n" + byTrader + "EMIT CHANGES;\n",
		Records: 20_000, Level: "E1", MinKeys: 3_000, MinUnits: 3_000, MaxProbability: 0.001, Bad: 0.05,
	},
	{
		ID: "doubles", Title: "sums of floating-point numbers by symbol and ten seconds, when they are over", Topics: []string{"market_data"}, OutTopic: "sums",
		SQL: marketSource + `CREATE TABLE sums WITH (kafka_topic='sums') AS
  SELECT symbol, COUNT(*) AS trades, SUM(CAST(price AS DOUBLE)) AS total, AVG(CAST(price AS DOUBLE) * 0.1) AS average
  FROM market_data WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 10 SECONDS) GROUP BY symbol EMIT FINAL;
`,
		Records: 200_000, Level: "E1", MinKeys: 200, MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "having", Title: "pairs of trader and symbol with an odd number of trades in a minute", Topics: []string{"market_data"}, OutTopic: "odd",
		SQL:     marketSource + "CREATE TABLE odd WITH (kafka_topic='odd') AS\n" + byTrader + "HAVING COUNT(*) % 2 = 1 EMIT CHANGES;\n",
		Records: 20_000, Level: "E1", MinKeys: 3_000, MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "errors", Title: "sums of quotients, some of them by zero", Topics: []string{"market_data"}, OutTopic: "shares",
		SQL: marketSource + `CREATE TABLE shares WITH (kafka_topic='shares') AS
  SELECT trader_id, symbol, COUNT(*) AS trades, SUM(1000 / (quantity % 10)) AS share FROM market_data GROUP BY trader_id, symbol EMIT CHANGES;
`,
		Records: 20_000, Level: "E1", MinKeys: 3_000, MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "nulls", Title: "totals by trader and symbol, one of which is NULL", Topics: []string{"market_data"}, OutTopic: "totals",
		SQL: marketSource + `CREATE TABLE totals WITH (kafka_topic='totals') AS
  SELECT COUNT(*) AS trades, SUM(quantity) AS volume FROM market_data GROUP BY trader_id, NULLIF(symbol, 'SYM001') EMIT CHANGES;
`,
		Records: 20_000, Level: "E1", MinKeys: 3_000, MinUnits: 3_000, MaxProbability: 0.001,
	},
	{
		ID: "small", Title: "20 groups in turn, one window, every group emitted for each record", Topics: []string{"turns"}, OutTopic: "groups", data: groupsInTurn,
		SQL: `CREATE STREAM turns (grp STRING, amount BIGINT, ts TIMESTAMP) WITH (kafka_topic='turns', value_format='JSON', timestamp='ts');
CREATE TABLE groups WITH (kafka_topic='groups', emit_scope='window') AS
  SELECT grp, COUNT(*) AS n, SUM(amount) AS total
  FROM turns WINDOW TUMBLING (SIZE 1 HOUR, GRACE PERIOD 10 SECONDS) GROUP BY grp EMIT CHANGES;
`,
		Records: 5_000, Level: "E3", MinKeys: 20, MinUnits: 20, MaxProbability: 0.2,
	},
}

// Lookup finds a scenario.
func Lookup(id string) (*Scenario, error) {
	for i := range scenarios {
		if s := &scenarios[i]; s.ID == id {
			return s, nil
		}
	}
	return nil, fmt.Errorf("unknown scenario %q; use one of %s", id, strings.Join(IDs(), ", "))
}

// IDs lists the scenarios.
func IDs() []string {
	ids := make([]string, len(scenarios))
	for i := range scenarios {
		ids[i] = scenarios[i].ID
	}
	return ids
}
