package codec

import (
	"strconv"
	"strings"

	"parallax/processors/row"
)

// The headers of a dead letter begin with deadPrefix. A header of the record that has
// such a name, as that of a dead letter which is read again, keeps its value under a
// name that begins with originalPrefix: each parallax.* header is there once, and is
// this dead letter's.
const (
	deadPrefix     = "parallax."
	originalPrefix = "original."
)

// longestReason bounds, in bytes, what a dead letter says of why it is one.
const longestReason = 1024

// OriginalHeaders returns the headers of a record as its dead letter has them.
func OriginalHeaders(headers []row.Header) []row.Header {
	out := make([]row.Header, 0, len(headers))
	for _, h := range headers {
		if strings.HasPrefix(h.Key, deadPrefix) {
			h.Key = originalPrefix + h.Key
		}
		out = append(out, h)
	}
	return out
}

// DeadHeaders returns what a dead letter says of itself: where the record stands, nil
// for the flush, and why it is refused.
func DeadHeaders(rec *row.Record, reason string) (headers []row.Header) {
	if rec != nil {
		headers = append(headers,
			row.Header{Key: deadPrefix + "topic", Value: []byte(rec.Topic)},
			row.Header{Key: deadPrefix + "partition", Value: strconv.AppendInt(nil, int64(rec.Partition), 10)},
			row.Header{Key: deadPrefix + "offset", Value: strconv.AppendInt(nil, rec.Offset, 10)},
		)
	}
	return append(headers, row.Header{Key: deadPrefix + "error", Value: []byte(row.ShortenTo(reason, longestReason))})
}
