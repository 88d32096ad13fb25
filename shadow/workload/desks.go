package workload

import (
	"fmt"
	"strconv"
)

// Default is the scenario that a demo shows.
const Default = "desks"

// tradingDesks is the default scenario of the demo: three outputs, one of which reads
// another one's rows, over data with everything that makes a comparison difficult: text
// that is not ASCII, numbers above 2^31 and 2^53, NULL in keys and values, and records that
// do not decode, are late, or cause an error. The number of records leaves a partial batch.
var tradingDesks = Scenario{
	ID: Default, Title: "a trading floor: totals by desk and minute, fills, and bars of a second",
	Topics: []string{"trades"}, OutTopic: "desk-totals", data: deskTrades,
	SQL: `CREATE STREAM trades (trade_id BIGINT, desk STRING, client STRING, symbol STRING,
    price DECIMAL(12, 2), quantity BIGINT, commission DECIMAL(10, 2), ts TIMESTAMP)
  WITH (kafka_topic='trades', value_format='JSON', timestamp='ts');

-- What each desk traded of each symbol, minute by minute. Trades of the house have no desk.
CREATE TABLE desk_totals WITH (kafka_topic='desk-totals') AS
  SELECT desk, symbol, COUNT(*) AS trades, SUM(quantity) AS volume, SUM(price * quantity) AS turnover,
    MAX(trade_id) AS last_trade, AVG(price) AS average
  FROM trades WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)
  GROUP BY desk, symbol EMIT CHANGES;

-- Each trade with its commission a share. A trade that was busted has no shares: a dead letter.
CREATE STREAM fills WITH (kafka_topic='fills') AS
  SELECT trade_id, symbol, client, price, quantity, commission / quantity AS commission_per_share
  FROM trades PARTITION BY trade_id;

-- Open, high, low, close and volume of each symbol, second by second, of the fills.
CREATE TABLE bars WITH (kafka_topic='bars') AS
  SELECT symbol, EARLIEST_BY_OFFSET(price) AS open, MAX(price) AS high, MIN(price) AS low,
    LATEST_BY_OFFSET(price) AS close, SUM(quantity) AS volume
  FROM fills WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 10 SECONDS)
  GROUP BY symbol EMIT FINAL;
`,
	Records: 100_321, Level: "E1", MinKeys: 160, MinUnits: 3_000, MaxProbability: 0.001, Bad: 0.02, DeadLetters: true,
}

// desks are the trading desks; the bank's own trades have none.
var desks = []string{
	"London", "New York", "Zürich", "São Paulo", "東京", "香港", "Frankfurt", "Genève", "Kraków", "Malmö", "København", "Montréal",
	"Bogotá", "Singapore", "Αθήνα", "서울", "Sydney", "मुंबई", "İstanbul", "Dublin", "Chicago", "Toronto", "Milano", "München",
}

// clients are the clients of trades; some trades have none.
var clients = []string{"Müller & Söhne", "Ångström Kapital", "株式会社山田", "O'Neill \"Blue\" Fund", "Crédit du Léman", "Łódź Pension", "Peña y Cía", "Alpha 🚀"}

// symbols are the traded symbols.
var symbols = []string{
	"AAPL", "ABBV", "ABNB", "ABT", "ACN", "ADBE", "ADI", "ADP", "ADSK", "AEP", "AFL", "AIG", "ALL", "AMAT", "AMD", "AMGN",
	"AMT", "AMZN", "ANET", "AON", "APD", "APH", "AVGO", "AXP", "AZO", "BA", "BAC", "BDX", "BK", "BKNG", "BLK", "BMY",
	"BSX", "BX", "C", "CAT", "CB", "CCI", "CDNS", "CEG", "CHTR", "CI", "CL", "CMCSA", "CME", "CMG", "COF", "COP",
	"COST", "CRM", "CRWD", "CSCO", "CSX", "CTAS", "CVS", "CVX", "D", "DASH", "DE", "DHR", "DIS", "DLR", "DUK", "ECL",
	"ELV", "EMR", "EOG", "EQIX", "ETN", "EW", "F", "FCX", "FDX", "FI", "FTNT", "GD", "GE", "GILD", "GM", "GOOG",
	"GS", "HCA", "HD", "HLT", "HON", "IBM", "ICE", "INTC", "INTU", "ISRG", "ITW", "JCI", "JNJ", "JPM", "KKR", "KLAC",
	"KMI", "KO", "LIN", "LLY", "LMT", "LOW", "LRCX", "MA", "MAR", "MCD", "MCK", "MCO", "MDLZ", "MDT", "MET", "META",
	"MMC", "MMM", "MO", "MRK", "MRVL", "MS", "MSFT", "MSI", "MU", "NEE", "NEM", "NFLX", "NKE", "NOC", "NOW", "NSC",
	"NVDA", "O", "ORCL", "ORLY", "PANW", "PEP", "PFE", "PG", "PGR", "PH", "PLD", "PLTR", "PM", "PNC", "PSA", "PWR",
	"PYPL", "QCOM", "REGN", "ROP", "RTX", "SBUX", "SCHW", "SHW", "SNPS", "SO", "SPG", "SPGI", "SYK", "T", "TDG", "XOM",
}

const (
	// firstTrade is the first trade's id, above the integers that a DOUBLE has.
	firstTrade = 1<<53 + 1
	// reported is how much too late, in ms, a late report of a trade is.
	reported = 60_000
)

// deskTrade is trade i; it returns its event time.
func (g *Generator) deskTrade(i int) int64 {
	v, at := g.values, g.late(i)
	if v.IntN(400) == 0 {
		at = max(at-reported, Epoch)
	}
	quantity := 1 + v.IntN(1_000)
	switch v.IntN(1_000) {
	case 0: // it was busted
		quantity = 0
	case 1, 2, 3: // of a share of pennies
		quantity = 1<<31 + v.IntN(1<<31)
	}
	price := cents(100 + v.IntN(99_900))
	if v.IntN(500) == 0 {
		price = "null"
	}
	g.fields = append(g.fields[:0],
		field{"trade_id", strconv.Itoa(firstTrade + i)},
		field{"desk", g.oneOf(desks)},
		field{"client", g.oneOf(clients)},
		field{"symbol", strconv.Quote(symbols[v.IntN(len(symbols))])},
		field{"price", price},
		field{"quantity", strconv.Itoa(quantity)},
		field{"commission", cents(50 + v.IntN(5_000))},
		field{"side", [2]string{`"BUY"`, `"SELL"`}[v.IntN(2)]},
		field{"ts", strconv.FormatInt(at, 10)},
	)
	return at
}

// oneOf is a text of a list as JSON, or null, each as often.
func (g *Generator) oneOf(list []string) string {
	i := g.values.IntN(len(list) + 1)
	if i == len(list) {
		return "null"
	}
	return fmt.Sprintf("%q", list[i])
}
