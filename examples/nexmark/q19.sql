-- Query 19: the ten highest prices of each auction.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');

CREATE TABLE q19 AS
  SELECT auction, TOPK(price, 10) AS prices FROM bid GROUP BY auction EMIT FINAL;
