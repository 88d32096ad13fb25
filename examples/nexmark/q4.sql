-- Query 4: the average of the winning prices of a category's auctions. An auction takes bids for up to 30 seconds.
CREATE STREAM auction (id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra STRING)
  WITH (kafka_topic='auction', value_format='JSON', timestamp='dateTime');
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');

CREATE TABLE closing AS
  SELECT a.id AS id, a.category AS category, MAX(b.price) AS final
  FROM auction a JOIN bid b WITHIN (0 SECONDS, 30 SECONDS) GRACE PERIOD 0 SECONDS ON a.id = b.auction
  WHERE b.dateTime BETWEEN a.dateTime AND a.expires
  GROUP BY a.id, a.category;

CREATE TABLE q4 AS
  SELECT category, AVG(final) AS average FROM closing GROUP BY category;
