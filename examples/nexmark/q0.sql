-- Query 0: pass-through. What reading and writing alone cost.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');

CREATE STREAM q0 AS
  SELECT auction, bidder, price, dateTime, extra FROM bid;
