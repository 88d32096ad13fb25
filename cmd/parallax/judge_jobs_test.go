package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"parallax/diff"
	"parallax/processors"
)

// judgeJob is a job of the fixed small set that the judge is tried with: V1 beside a
// V2 of which one line may be broken (see hack/mutate).
type judgeJob struct {
	name   string
	script string
	// input makes the records: at is the number of a record.
	input   func(random *rand.Rand, at int) judgeRecord
	records int
	// batch is the most records of a batch; the last one is smaller.
	batch int
	v2    string // the configuration of V2
	// strategy routes records to partitions; "" is auto.
	strategy string
	opt      processors.Options
	percent  float64 // of the keys are compared; 0 for all
	// partitions are those that V2 is rescaled to while it runs, in turn.
	partitions []int
	// isShed sheds the first V2, so that another one comes back with V1's state.
	isShed bool
	// isWhole says that the query's state cannot be split over partitions.
	isWhole bool
	// require is the level that outputs have to hold; "" is E1.
	require diff.Level
}

// judgeRecord is one record of a job's input.
type judgeRecord struct {
	topic     string
	partition int
	time      int64
	key       any // nil for none
	value     any // a string is taken as it stands; nil is a null value
}

const (
	tradesSource = `CREATE STREAM trades (trader STRING, symbol STRING, quantity BIGINT, price DOUBLE) WITH (kafka_topic='trades', value_format='JSON');
`
	keyedSource = `CREATE STREAM trades (symbol STRING KEY, trader STRING, quantity BIGINT, price DOUBLE) WITH (kafka_topic='trades', value_format='JSON');
`
)

// trade makes a record of the trades: 50 ms apart on average, a few of them out of
// order, late, undecodable or with a null value.
func trade(random *rand.Rand, at int) judgeRecord {
	r := judgeRecord{topic: "trades", partition: random.IntN(3), time: eventTime(random, at)}
	switch random.IntN(60) {
	case 0:
		r.value = "{\"trader\":"
	case 1:
	default:
		r.value = tradeValue(random)
	}
	return r
}

// eventTime is up to 8 s behind; 1 in 100 is 40 s behind, and late.
func eventTime(random *rand.Rand, at int) int64 {
	behind := random.Int64N(8_000)
	if random.IntN(100) == 0 {
		behind = 40_000
	}
	return 1_700_000_000_000 + int64(at)*50 - behind
}

func tradeValue(random *rand.Rand) map[string]any {
	v := map[string]any{
		"trader": fmt.Sprintf("trader %d", random.IntN(6)), "symbol": fmt.Sprintf("Ö%d", random.IntN(11)),
		"quantity": random.Int64N(200) - 50, "price": float64(random.Int64N(1000)) / 8,
	}
	if random.IntN(20) == 0 {
		delete(v, "quantity")
	}
	if random.IntN(50) == 0 {
		delete(v, "symbol")
	}
	return v
}

// keyedTrade is a trade whose symbol is the record's key, as producers partition by
// it; now and then there is none.
func keyedTrade(random *rand.Rand, at int) judgeRecord {
	r := trade(random, at)
	n := random.IntN(11)
	r.key, r.partition = fmt.Sprintf("Ö%d", n), n%4
	if random.IntN(15) == 0 {
		r.key, r.partition = nil, random.IntN(4)
	}
	if v, ok := r.value.(map[string]any); ok {
		delete(v, "symbol")
	}
	return r
}

// tradeOrQuote is one of two streams and a table.
func tradeOrQuote(random *rand.Rand, at int) judgeRecord {
	r := trade(random, at)
	switch random.IntN(6) {
	case 0, 1:
		r.topic = "quotes"
	case 2:
		r.topic, r.key = "traders", fmt.Sprintf("trader %d", random.IntN(6))
		if r.value != nil {
			r.value = map[string]any{"desk": fmt.Sprintf("desk %d", random.IntN(3))}
		}
	}
	return r
}

// lines are the job's records as the program reads them from a file.
func (j *judgeJob) lines() string {
	var b strings.Builder
	random := rand.New(rand.NewPCG(13, 1))
	for at := range j.records {
		r := j.input(random, at)
		value, ok := r.value.(string)
		if ok {
			value = jsonText(map[string][]byte{"$bytes": []byte(value)})
		} else {
			value = jsonText(r.value)
		}
		fmt.Fprintf(&b, `{"topic":%q,"partition":%d,"timestamp":%d,"key":%s,"value":%s}`+"\n", r.topic, r.partition, r.time, jsonText(r.key), value)
	}
	return b.String()
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the values are those above
	}
	return string(text)
}

// windows reads one stream with two queries: a tumbling and a hopping window.
const windows = tradesSource + `
CREATE TABLE totals AS SELECT trader, symbol, COUNT(*) AS n, SUM(quantity) AS total FROM trades
  WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 15 SECONDS) GROUP BY trader, symbol EMIT CHANGES;
CREATE TABLE spans AS SELECT symbol, MIN(price) AS low, MAX(price) AS high FROM trades
  WINDOW HOPPING (SIZE 20 SECONDS, ADVANCE BY 5 SECONDS, GRACE PERIOD 15 SECONDS) GROUP BY symbol EMIT FINAL;`

const sessions = tradesSource + `
CREATE TABLE visits AS SELECT trader, symbol, COUNT(*) AS n, COLLECT_LIST(quantity) AS quantities FROM trades
  WINDOW SESSION (3 SECONDS, GRACE PERIOD 15 SECONDS) GROUP BY trader, symbol EMIT CHANGES;
CREATE TABLE running AS SELECT trader, COUNT(*) AS n, AVG(price) AS mean FROM trades GROUP BY trader HAVING COUNT(*) > 2;`

const scope = tradesSource + `
CREATE TABLE totals WITH (emit_scope='window') AS SELECT symbol, COUNT(*) AS n FROM trades
  WINDOW TUMBLING (SIZE 5 SECONDS, GRACE PERIOD 15 SECONDS) GROUP BY symbol EMIT CHANGES;`

const joins = tradesSource + `
CREATE STREAM quotes (trader STRING, symbol STRING, quantity BIGINT, price DOUBLE) WITH (kafka_topic='quotes', value_format='JSON');
CREATE TABLE traders (trader STRING PRIMARY KEY, desk STRING) WITH (kafka_topic='traders', value_format='JSON');
CREATE STREAM matches AS SELECT t.symbol AS symbol, t.quantity AS quantity, q.price AS price, t.trader AS trader
  FROM trades t LEFT JOIN quotes q WITHIN 2 SECONDS GRACE PERIOD 10 SECONDS ON t.symbol = q.symbol;
CREATE STREAM desks AS SELECT m.trader AS trader, d.desk AS desk, m.symbol AS symbol, m.quantity AS quantity
  FROM matches m JOIN traders d ON m.trader = d.trader;
CREATE TABLE by_desk AS SELECT desk, COUNT(*) AS n, SUM(quantity) AS total FROM desks
  WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 15 SECONDS) GROUP BY desk EMIT CHANGES;`

const chains = tradesSource + `
CREATE TABLE totals AS SELECT trader, symbol, COUNT(*) AS n, SUM(quantity) AS total FROM trades GROUP BY trader, symbol;
CREATE TABLE by_trader AS SELECT trader, COUNT(*) AS symbols, SUM(total) AS total FROM totals GROUP BY trader;
CREATE STREAM large AS SELECT symbol, quantity, price FROM trades WHERE quantity > 100 OR 1000 / quantity < -100 PARTITION BY symbol;
CREATE STREAM numbered AS SELECT symbol, quantity, ROWOFFSET AS place FROM large;
CREATE TABLE of_large AS SELECT symbol, COUNT(*) AS n FROM large
  WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 15 SECONDS) GROUP BY symbol EMIT FINAL;`

const over = keyedSource + `
CREATE STREAM moving AS SELECT symbol, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ROWTIME) AS number,
  SUM(quantity) OVER (PARTITION BY symbol ORDER BY ROWTIME ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS total FROM trades;`

const stateless = tradesSource + `
CREATE STREAM large AS SELECT trader, symbol, quantity * 2 AS twice, 100 / quantity AS part FROM trades WHERE 1000 / quantity < 100 OR price > 20;
CREATE STREAM cheap AS SELECT symbol, price FROM trades WHERE 100 / quantity > 1;`

const refusals = tradesSource + `
CREATE TABLE parts AS SELECT trader, COUNT(*) AS n, SUM(1000 / quantity) AS parts FROM trades
  WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 15 SECONDS) GROUP BY trader EMIT CHANGES;
CREATE TABLE others AS SELECT symbol, COUNT(*) AS n, SUM(1000 / quantity) AS parts FROM trades
  WINDOW TUMBLING (SIZE 5 SECONDS, GRACE PERIOD 15 SECONDS) GROUP BY symbol EMIT CHANGES;`

const everything = tradesSource + `
CREATE TABLE everything AS SELECT COUNT(*) AS n, SUM(quantity) AS total FROM trades;`

// judgeJobs is the set.
var judgeJobs = []judgeJob{
	{name: "windows", script: windows, input: trade, records: 3000, batch: 64, v2: "v2:4", strategy: "smart_repartition"},
	{name: "sessions, batches of three", script: sessions, input: trade, records: 2000, batch: 3, v2: "v2:7"},
	{name: "whole windows", script: scope, input: trade, records: 1500, batch: 50, v2: "v2:3", require: diff.E3},
	{name: "large batches", script: sessions, input: trade, records: 25_000, batch: 3000, v2: "v2:3"},
	{name: "joins", script: joins, input: tradeOrQuote, records: 3000, batch: 50, v2: "v2:4"},
	{name: "chains", script: chains, input: trade, records: 3000, batch: 40, v2: "v2:3", opt: processors.Options{ErrorsToDeadLetter: true, LateToDeadLetter: true}},
	{name: "over a keyed source", script: over, input: keyedTrade, records: 2000, batch: 30, v2: "v2:3", strategy: "smart_repartition"},
	{name: "stateless, errors are dead letters", script: stateless, input: trade, records: 3000, batch: 50, v2: "v2:4", opt: processors.Options{ErrorsToDeadLetter: true}},
	{name: "errors and late records are dead letters", script: refusals, input: trade, records: 3000, batch: 50, v2: "v2:4", opt: processors.Options{ErrorsToDeadLetter: true, LateToDeadLetter: true}},
	{name: "one group over everything", script: everything, input: trade, records: 1000, batch: 20, v2: "v2:2", isWhole: true},
	{name: "a sample of the keys", script: windows, input: trade, records: 3000, batch: 50, v2: "v2:4", percent: 40},
	{name: "rescaled", script: windows, input: trade, records: 3000, batch: 50, v2: "v2:2", partitions: []int{5, 1, 3}},
	{name: "chains, rescaled", script: chains, input: trade, records: 3000, batch: 50, v2: "v2:2", partitions: []int{5, 1, 3}},
	{name: "joins, rescaled", script: joins, input: tradeOrQuote, records: 3000, batch: 50, v2: "v2:2", partitions: []int{5, 1, 3}},
	{name: "a sample, rescaled", script: windows, input: trade, records: 3000, batch: 50, v2: "v2:2", percent: 40, partitions: []int{5, 1, 3}},
	{name: "over, rescaled", script: over, input: keyedTrade, records: 3000, batch: 50, v2: "v2:2", strategy: "sticky_partition", partitions: []int{5, 1, 3}},
	{name: "one group, rescaled", script: everything, input: trade, records: 3000, batch: 50, v2: "v2:2", isWhole: true, partitions: []int{3}},
	{name: "shed and back", script: windows, input: trade, records: 4000, batch: 50, v2: "v2:3", isShed: true},
	{name: "chains, shed and back", script: chains, input: trade, records: 4000, batch: 50, v2: "v2:3", isShed: true},
}
