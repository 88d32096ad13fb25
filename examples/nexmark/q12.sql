-- Query 12: how many bids each bidder made in each ten seconds. The suite counts by processing time; no path here has a clock, so it is event time.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');

CREATE TABLE q12 AS
  SELECT bidder, COUNT(*) AS bids, WINDOWSTART AS starts, WINDOWEND AS ends
  FROM bid WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY bidder EMIT FINAL;
