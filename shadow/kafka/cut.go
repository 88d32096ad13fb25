package kafka

import (
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// cutHeader says what of a dead letter is not whole, and how many bytes it had.
const cutHeader = "parallax.cut"

// cut shortens a dead letter until a batch with only it has at most limit bytes,
// uncompressed: its value, then its original headers, which come first, from the last
// on, then its key. It reports whether that was enough; if not, what is left are the
// headers that say what the dead letter is.
func cut(r *kgo.Record, limit int) bool {
	original := originals(r.Headers)
	own, cuts := withoutCut(r.Headers[original:])
	value, key := r.Value, r.Key
	note := func(what string, had int) {
		if !slices.ContainsFunc(cuts, func(c string) bool { return strings.HasPrefix(c, what+"=") }) { // it was cut before
			cuts = append(cuts, fmt.Sprintf("%s=%d", what, had))
		}
	}
	all := r.Headers
	assemble := func(headers int) {
		r.Headers = append(append([]kgo.RecordHeader(nil), all[:headers]...), own...)
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: cutHeader, Value: []byte(strings.Join(cuts, " "))})
	}
	if len(value) > 0 {
		note("value", len(value))
		r.Value = value[:0]
	}
	assemble(original)
	if batchBytes(r) > limit && original > 0 {
		had := 0
		for _, h := range all[:original] {
			had += len(h.Key) + len(h.Value)
		}
		note("headers", had)
		for left := original - 1; left >= 0; left-- {
			if assemble(left); batchBytes(r) <= limit {
				break
			}
		}
	}
	if batchBytes(r) > limit && len(key) > 0 {
		note("key", len(key))
		r.Key = key[:0]
		assemble(0)
		r.Key = key[:room(r, len(key), limit)]
	}
	if len(value) > 0 {
		r.Value = value[:room(r, len(value), limit)]
	}
	return batchBytes(r) <= limit
}

// withoutCut returns headers without what says that the dead letter was cut before, and
// that.
func withoutCut(headers []kgo.RecordHeader) (rest []kgo.RecordHeader, cuts []string) {
	for _, h := range headers {
		if h.Key == cutHeader {
			cuts = strings.Fields(string(h.Value))
		} else {
			rest = append(rest, h)
		}
	}
	return rest, cuts
}

// room is how much longer a field of a record, empty so far, may be, of n bytes.
func room(r *kgo.Record, n, limit int) int {
	const lengths = 9 // the fields that say the lengths of the field and of the record grow with it
	return min(n, max(0, limit-batchBytes(r)-lengths))
}

// originals is how many of a dead letter's headers are those of the record.
func originals(headers []kgo.RecordHeader) int {
	for i, h := range headers {
		if strings.HasPrefix(h.Key, "parallax.") {
			return i
		}
	}
	return len(headers)
}
