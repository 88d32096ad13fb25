-- Query 7: the highest bid of each ten seconds. Of equal ones the first.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');

CREATE TABLE q7 AS
  SELECT WINDOWSTART AS starts, TOPK(price, auction, bidder, 1) AS highest
  FROM bid WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 0 SECONDS)
  EMIT FINAL;
