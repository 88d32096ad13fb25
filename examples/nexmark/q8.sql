-- Query 8: who has joined and sold something within the same ten seconds.
CREATE STREAM person (id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='person', value_format='JSON', timestamp='dateTime');
CREATE STREAM auction (id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra STRING)
  WITH (kafka_topic='auction', value_format='JSON', timestamp='dateTime');

CREATE TABLE joined AS
  SELECT id, LATEST_BY_OFFSET(name) AS name
  FROM person WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY id EMIT CHANGES;

CREATE TABLE sold AS
  SELECT seller, COUNT(*) AS auctions
  FROM auction WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY seller EMIT CHANGES;

CREATE TABLE q8 AS
  SELECT j.id AS id, j.name AS name FROM joined j JOIN sold s ON j.id = s.seller;
