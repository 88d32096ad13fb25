-- Query 16: the same of each channel, with the minute of its last bid.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING)
  WITH (kafka_topic='bid', value_format='JSON', timestamp='dateTime');

CREATE TABLE q16 AS
  SELECT channel, FORMAT_TIMESTAMP(dateTime, 'yyyy-MM-dd') AS day,
    MAX(FORMAT_TIMESTAMP(dateTime, 'HH:mm')) AS minute,
    COUNT(*) AS total_bids,
    SUM(CASE WHEN price < 10000 THEN 1 ELSE 0 END) AS rank1_bids,
    COUNT(DISTINCT bidder) AS total_bidders,
    COUNT(DISTINCT CASE WHEN price < 10000 THEN bidder END) AS rank1_bidders,
    COUNT(DISTINCT auction) AS total_auctions
  FROM bid GROUP BY channel, FORMAT_TIMESTAMP(dateTime, 'yyyy-MM-dd') EMIT FINAL;
