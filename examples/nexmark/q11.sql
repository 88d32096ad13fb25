-- Query 11: how many bids each bidder made while active: with no more than ten seconds between two.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');

CREATE TABLE q11 AS
  SELECT bidder, COUNT(*) AS bids, WINDOWSTART AS starts, WINDOWEND AS ends
  FROM bid WINDOW SESSION (10 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY bidder EMIT FINAL;
