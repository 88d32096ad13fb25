-- Query 1: the price in euros.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');

CREATE STREAM q1 AS
  SELECT auction, bidder, CAST(0.908 AS DECIMAL(10, 3)) * price AS price, dateTime, extra FROM bid;
