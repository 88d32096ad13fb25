-- Query 2: the bids for some auctions.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');

CREATE STREAM q2 AS
  SELECT auction, price FROM bid WHERE MOD(auction, 13) = 0;
