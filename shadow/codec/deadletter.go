package codec

import (
	"strconv"
	"strings"

	"parallax/processors/row"
)

// The headers of a dead letter begin with deadPrefix. If the record itself has such a
// header, because it is a dead letter that is read again, that header is renamed to begin
// with originalPrefix: each parallax.* header occurs once and describes this dead letter.
const (
	deadPrefix     = "parallax."
	originalPrefix = "original."
)

// longestReason limits the reason in a dead letter, in bytes.
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

// DeadHeaders returns the headers that describe a dead letter: the position of the record,
// nil for the flush, and the reason.
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
