-- Query 20: bids with what their auction sells, in a category. An auction takes bids for up to 30 seconds, and so far back it is looked for.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');
CREATE STREAM auction (id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra STRING)
  WITH (kafka_topic='auction', value_format='JSON', timestamp='dateTime');

CREATE STREAM q20 AS
  SELECT b.auction AS auction, b.bidder AS bidder, b.price AS price, b.dateTime AS bidTime,
    a.itemName AS itemName, a.initialBid AS initialBid, a.seller AS seller
  FROM bid b JOIN auction a WITHIN (30 SECONDS, 0 SECONDS) GRACE PERIOD 0 SECONDS ON b.auction = a.id
  WHERE a.category = 10;
