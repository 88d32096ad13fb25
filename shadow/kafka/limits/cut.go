package limits

import (
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// cutHeader is the header that lists the shortened parts of a dead letter with their original sizes.
const cutHeader = "parallax.cut"

// Cut shortens a dead letter until a batch with only it has at most limit bytes,
// uncompressed: first the value, then the headers of the record from the last one on, then the
// key. It reports whether that was enough; if not, only the headers are left that describe
// the dead letter.
func Cut(r *kgo.Record, limit int) bool {
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
	if BatchBytes(r) > limit && original > 0 {
		had := 0
		for _, h := range all[:original] {
			had += len(h.Key) + len(h.Value)
		}
		note("headers", had)
		for left := original - 1; left >= 0; left-- {
			if assemble(left); BatchBytes(r) <= limit {
				break
			}
		}
	}
	if BatchBytes(r) > limit && len(key) > 0 {
		note("key", len(key))
		r.Key = key[:0]
		assemble(0)
		r.Key = key[:room(r, len(key), limit)]
	}
	if len(value) > 0 {
		r.Value = value[:room(r, len(value), limit)]
	}
	return BatchBytes(r) <= limit
}

// withoutCut returns headers without cutHeader, and the parts that were cut before.
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

// room returns how many of n bytes an empty field of a record may get.
func room(r *kgo.Record, n, limit int) int {
	const lengths = 9 // the lengths of the field and of the record take more bytes, too
	return min(n, max(0, limit-BatchBytes(r)-lengths))
}

// originals returns how many of a dead letter's headers are the record's: they come first.
func originals(headers []kgo.RecordHeader) int {
	for i, h := range headers {
		if strings.HasPrefix(h.Key, "parallax.") {
			return i
		}
	}
	return len(headers)
}
