package processortest

// template is a query that random inputs are run through. Its source is
// randomSource.
type template struct {
	name, query, options string
	// timestamp says that event time is column at.
	timestamp bool
}

// randomSource is the stream that random inputs are written for; %s stands for
// more of WITH.
const randomSource = `CREATE STREAM trades (id STRING KEY, symbol STRING, trader STRING, quantity BIGINT, n INT, price DECIMAL(8,2), f DOUBLE, b BOOLEAN, at TIMESTAMP)
  WITH (kafka_topic='trades', value_format='JSON'%s);
`

// templates are the queries of the metamorphic test.
var templates = []template{
	{name: "arithmetic", query: `SELECT quantity + n AS plus, quantity * 3 AS times, quantity / n AS quotient, quantity % n AS remainder, -n AS negated,
  price / n AS share, price * quantity AS amount, price - 1.005 AS less, f / n AS part, f * 1e3 + price AS mixed FROM trades;`},
	{name: "logic", query: `SELECT symbol, quantity FROM trades
  WHERE (quantity > 5 OR n / quantity < 2 OR symbol IN ('B', trader)) AND NOT (b AND price BETWEEN 1 AND 50) OR f IS DISTINCT FROM f AND trader LIKE '%_t%';`},
	{name: "functions", query: `SELECT CASE WHEN b THEN UCASE(symbol) WHEN n > 3 THEN symbol || trader ELSE CAST(price AS STRING) END AS c, COALESCE(symbol, trader, id, '-') AS first,
  NULLIF(n, 3) AS not_three, GREATEST(quantity, n, 2) AS most, CAST(f AS DECIMAL(6,1)) AS fixed, CAST(price AS INT) AS whole, CAST(trader AS BIGINT) AS never, FLOOR(price) AS low,
  SUBSTRING(symbol || 'xyz', n, 2) AS piece, ROWTIME - ROWOFFSET AS t, ROWPARTITION AS p, at FROM trades;`},
	{name: "running aggregates", query: `CREATE TABLE totals AS SELECT symbol, COUNT(*) AS records, COUNT(quantity) AS known, SUM(quantity) AS total, AVG(quantity) AS mean,
  SUM(price) AS paid, AVG(price) AS price, MIN(f) AS least, MAX(f) AS most, SUM(f) AS f_total, MIN(trader) AS t FROM trades GROUP BY symbol EMIT CHANGES;`},
	{name: "having by two keys", query: `SELECT trader, symbol, SUM(n) AS total, COUNT(*) AS records FROM trades GROUP BY symbol, trader HAVING SUM(n) % 2 = 0 AND 100 / SUM(n) < 90;`},
	{name: "expression keys", query: `SELECT quantity / n AS q, f, COUNT(*) AS records, MAX(at) AS latest FROM trades WHERE b IS NOT NULL OR n > 2 GROUP BY quantity / n, f EMIT CHANGES;`},
	{name: "windows", query: `CREATE TABLE totals AS SELECT symbol, WINDOWSTART AS ws, COUNT(*) AS records, SUM(price * n) AS paid, MAX(quantity) AS most
  FROM trades WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY symbol EMIT CHANGES;`},
	{name: "final windows", query: `CREATE TABLE totals AS SELECT trader, COUNT(*) AS records, AVG(price) AS price, SUM(quantity / n) AS q
  FROM trades WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 3 SECONDS) WHERE n <> 4 GROUP BY trader EMIT FINAL;`},
	{name: "windows with having", query: `SELECT symbol, b, SUM(n) AS total FROM trades WINDOW TUMBLING (SIZE 20 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY symbol, b HAVING SUM(n) > 4 AND SUM(n) < 9 EMIT CHANGES;`},
	{name: "final by column time", timestamp: true, query: `SELECT symbol, COUNT(*) AS records, MIN(price) AS cheapest FROM trades WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 2 SECONDS)
  GROUP BY symbol HAVING COUNT(*) > 1 EMIT FINAL;`},
	{name: "window scope", query: `CREATE TABLE totals WITH (kafka_topic='totals', emit_scope='window') AS SELECT symbol, COUNT(*) AS records, SUM(f) AS total
  FROM trades WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY symbol HAVING SUM(n) <> 3 EMIT CHANGES;`},
	{name: "hopping windows", query: `CREATE TABLE totals AS SELECT symbol, WINDOWSTART AS ws, COUNT(*) AS records, SUM(price * n) AS paid, MAX(f) AS most, SUM(f) AS f_total
  FROM trades WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 4 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY symbol HAVING SUM(n) % 3 <> 0 EMIT CHANGES;
CREATE TABLE scoped WITH (kafka_topic='scoped', emit_scope='window') AS SELECT b, COUNT(*) AS records FROM trades WINDOW HOPPING (SIZE 6 SECONDS, ADVANCE BY 3 SECONDS, GRACE PERIOD 1 SECOND) GROUP BY b EMIT CHANGES;
CREATE TABLE ended AS SELECT trader, symbol, AVG(price) AS price, MIN(symbol) AS least FROM trades WINDOW HOPPING (SIZE 8 SECONDS, ADVANCE BY 2 SECONDS, GRACE PERIOD 3 SECONDS) WHERE n <> 4 GROUP BY trader, symbol EMIT FINAL;`},
	{name: "sessions", query: `CREATE TABLE totals AS SELECT symbol, WINDOWEND AS we, COUNT(*) AS records, SUM(price * n) AS paid, SUM(f) AS f_total, AVG(f) AS f_mean, MIN(f) AS least, MAX(trader) AS t, MIN(quantity) AS q, MAX(price) AS most
  FROM trades WINDOW SESSION (2 SECONDS, GRACE PERIOD 8 SECONDS) GROUP BY symbol EMIT CHANGES;
CREATE TABLE some AS SELECT trader, b, SUM(n) AS total FROM trades WINDOW SESSION (1500 MILLISECONDS, GRACE PERIOD 4 SECONDS) GROUP BY trader, b HAVING SUM(n) > 3 EMIT CHANGES;
CREATE TABLE ended AS SELECT symbol, COUNT(*) AS records, SUM(quantity / n) AS q FROM trades WINDOW SESSION (3 SECONDS, GRACE PERIOD 1 SECOND) WHERE quantity > 2 GROUP BY symbol EMIT FINAL;`},
	{name: "windows with dead letters", options: "on_error: dlq\nlate: dlq\n", query: `SELECT 6 / n AS k, SUM(12 / quantity) AS total FROM trades WINDOW SESSION (2 SECONDS, GRACE PERIOD 1 SECOND) WHERE 7 % quantity >= 0 GROUP BY 6 / n EMIT CHANGES;
CREATE TABLE hops AS SELECT symbol, COUNT(*) AS records, SUM(12 / n) AS total FROM trades WINDOW HOPPING (SIZE 4 SECONDS, ADVANCE BY 1 SECOND, GRACE PERIOD 1 SECOND) GROUP BY symbol EMIT CHANGES;`},
	{name: "global", query: `CREATE TABLE ever AS SELECT COUNT(*) AS records, SUM(quantity) AS total, MIN(symbol) AS first FROM trades;
CREATE TABLE windows AS SELECT COUNT(*) AS records, MAX(price) AS most FROM trades WINDOW TUMBLING (SIZE 15 SECONDS, GRACE PERIOD 1 SECOND) EMIT FINAL;
CREATE TABLE ending AS SELECT AVG(f) AS mean, COUNT(f) AS known FROM trades WHERE n > 1 EMIT FINAL;`},
	{name: "several", query: `CREATE STREAM large AS SELECT symbol, quantity * n AS product FROM trades WHERE quantity > 6;
CREATE TABLE by_id AS SELECT id, COUNT(*) AS records FROM trades GROUP BY id;
CREATE TABLE windows AS SELECT symbol, COUNT(*) AS records FROM trades WINDOW TUMBLING (SIZE 5 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY symbol EMIT FINAL;
CREATE STREAM everything AS SELECT symbol FROM trades;`},
	{name: "over", query: `SELECT symbol, quantity, AVG(price) OVER (PARTITION BY symbol ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS mean, SUM(quantity) OVER (PARTITION BY symbol ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS pair,
  SUM(f) OVER (PARTITION BY symbol ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS f_total, AVG(n) OVER (PARTITION BY symbol ROWS UNBOUNDED PRECEDING) AS n_ever, MIN(f) OVER (PARTITION BY symbol ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS least,
  MAX(price) OVER (PARTITION BY symbol ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) AS most, COUNT(*) OVER (PARTITION BY symbol ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS size FROM trades;`},
	{name: "over values", query: `SELECT ROW_NUMBER() OVER (PARTITION BY trader, b) AS number, RANK() OVER (PARTITION BY trader, b ORDER BY ROWTIME) AS place, DENSE_RANK() OVER (PARTITION BY trader, b ORDER BY ROWTIME) AS dense,
  LAG(symbol) OVER (PARTITION BY trader, b) AS before, LAG(quantity / n, 2, n) OVER (PARTITION BY trader, b ORDER BY ROWTIME) AS earlier, FIRST_VALUE(price) OVER (PARTITION BY trader, b ROWS 2 PRECEDING) AS first,
  LAST_VALUE(f) OVER (PARTITION BY trader, b ROWS 2 PRECEDING) AS last, FIRST_VALUE(symbol) OVER (PARTITION BY trader, b ROWS UNBOUNDED PRECEDING) AS ever, MIN(symbol) OVER (PARTITION BY trader, b ROWS 3 PRECEDING) AS least,
  price - LAG(price, 1, 0) OVER (PARTITION BY trader, b) AS change FROM trades WHERE n <> 2;`},
	{name: "over an expression", query: `CREATE STREAM keyed AS SELECT quantity % 3 AS third, SUM(price * n) OVER (PARTITION BY quantity % 3 ROWS UNBOUNDED PRECEDING) AS paid, MAX(f) OVER (PARTITION BY quantity % 3 ROWS UNBOUNDED PRECEDING) AS most,
  SUM(f) OVER (PARTITION BY quantity % 3 ROWS UNBOUNDED PRECEDING) / COUNT(f) OVER (PARTITION BY quantity % 3 ROWS UNBOUNDED PRECEDING) AS mean FROM trades;
CREATE STREAM whole AS SELECT id, COUNT(b) OVER (ROWS WINDOW BUFFER 4 ROWS ORDER BY ROWTIME) AS known, MIN(quantity) OVER (ROWS WINDOW BUFFER 3 ROWS) AS least FROM trades;`},
	{name: "over zeros", query: `SELECT f, COUNT(*) OVER (PARTITION BY f ROWS UNBOUNDED PRECEDING) AS rows_so_far, f * 2 AS twice FROM trades;`},
	{name: "over with dead letters", options: "on_error: dlq\n", query: `SELECT 6 / n AS part, SUM(quantity / n) OVER (PARTITION BY 12 / quantity ROWS 2 PRECEDING) AS total,
  10 / (COUNT(b) OVER (PARTITION BY 12 / quantity ROWS 1 PRECEDING)) AS share, LAG(n, 1, 8 / n) OVER (PARTITION BY 12 / quantity) AS before FROM trades WHERE 7 % quantity >= 0 OR b;`},
	{name: "distinct", query: `CREATE STREAM pairs AS SELECT DISTINCT symbol, n / quantity AS q FROM trades WHERE b OR n > 1;
CREATE STREAM floats AS SELECT DISTINCT f, trader FROM trades;`},
	{name: "nested values", query: `CREATE STREAM made AS SELECT ARRAY[n, quantity / n] AS pair, STRUCT(s := symbol, p := STRUCT(price := price, f := f)) AS s, MAP(symbol := f, 't' := price) AS m,
  ARRAY[n, 2] = ARRAY[quantity, 2] AS same, STRUCT(a := f, b := b) IS DISTINCT FROM STRUCT(a := 0.1e0, b := TRUE) AS other, ARRAY[symbol, trader][n] AS nth, MAP('A' := n, 'B' := quantity)[symbol] AS found,
  CAST(ARRAY[price, f] AS ARRAY<STRING>) AS texts, CAST(STRUCT(n := quantity, f := f) AS STRUCT<f DECIMAL(8,2), n INT, none DATE>) AS casted, CAST(MAP('k' := ARRAY[b, n > 2]) AS STRING) AS json FROM trades;
CREATE TABLE by_pair AS SELECT ARRAY[symbol, trader] AS pair, COUNT(*) AS records, SUM(REDUCE(ARRAY[n, quantity], 0, (s, x) => s + x)) AS total FROM trades GROUP BY ARRAY[symbol, trader];
CREATE TABLE by_struct AS SELECT COUNT(ARRAY[n]) AS records FROM trades WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 2 SECONDS) GROUP BY STRUCT(b := b, f := f) EMIT FINAL;`},
	{name: "lambdas", query: `SELECT TRANSFORM(ARRAY[n, quantity, 7], x => x * n) AS products, FILTER(SPLIT(symbol || ',' || trader, ','), x => x <> symbol) AS others, REDUCE(ARRAY[price, 1.5], 0, (s, x) => s + x / n) AS total,
  TRANSFORM(MAP('q' := quantity, 'n' := n), (k, v) => k || symbol, (k, v) => CASE WHEN v BETWEEN 1 AND n THEN v ELSE -v END) AS m, ARRAY_SORT(ARRAY_UNION(ARRAY[n, 3], ARRAY[quantity, n])) AS sorted,
  TRANSFORM(ARRAY[ARRAY[n], ARRAY[1, quantity]], l => REDUCE(l, 0, (s, x) => s + FILTER(ARRAY[x, n], y => y >= x)[1])) AS deep FROM trades WHERE REDUCE(ARRAY[n, 1], 0, (s, x) => s + x) > 0;`},
	{name: "times", timestamp: true, query: `CREATE STREAM shown AS SELECT CAST(at AS DATE) AS d, CAST(at AS TIME) AS t, CAST(CAST(at AS DATE) AS TIMESTAMP) AS midnight, CAST(at AS STRING) AS text, DATEDIFF(SECOND, at, NOW()) AS age, EXTRACT(SECOND FROM at) AS s,
  TIMESTAMPADD(MONTH, n, at) AS later, FORMAT_TIMESTAMP(at, 'yyyy-MM-dd HH:mm:ss', 'Asia/Kolkata') AS there, CAST(symbol || '-01-02' AS DATE) AS never FROM trades WHERE CAST(at AS TIME) >= TIME '00:01:00' OR b;
CREATE TABLE by_second AS SELECT DATE_TRUNC('SECOND', at) AS s, COUNT(*) AS records, MAX(NOW()) AS now, MIN(CAST(at AS TIME)) AS t FROM trades GROUP BY DATE_TRUNC('SECOND', at);`},
	{name: "dead letters", options: "on_error: dlq\nlate: dlq\n", query: `CREATE TABLE shares AS SELECT symbol, SUM(quantity / n) AS total, 10 / COUNT(b) AS part
  FROM trades WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 1 SECOND) WHERE 6 / quantity < 7 GROUP BY symbol EMIT CHANGES;
CREATE STREAM parts AS SELECT price / n AS part FROM trades WHERE b;`},
}
