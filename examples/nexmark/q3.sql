-- Query 3: who sells in some states in a category. Persons come before their auctions, so they are a table here.
CREATE STREAM person (id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='person', value_format='JSON', timestamp='dateTime');
CREATE STREAM auction (id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra STRING)
  WITH (kafka_topic='auction', value_format='JSON', timestamp='dateTime');

CREATE TABLE persons AS
  SELECT id, LATEST_BY_OFFSET(name) AS name, LATEST_BY_OFFSET(city) AS city, LATEST_BY_OFFSET(state) AS state
  FROM person GROUP BY id;

CREATE STREAM q3 AS
  SELECT p.name AS name, p.city AS city, p.state AS state, a.id AS id, a.seller AS seller
  FROM auction a JOIN persons p ON a.seller = p.id
  WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA');
