package cluster

import "time"

// Millis returns a fetched record's timestamp, in ms. The client converts it to a time.Time by way
// of nanoseconds modulo 2^64, which overflow in the year 2262. These are ms * 10^6 = ms * 15625 *
// 2^6, so ms can be computed modulo 2^58: exactly for any event time. Most other values become a
// negative or huge number.
func Millis(t time.Time) int64 {
	const inverse = 0x790fb65668c26139 // of 15625 modulo 2^64
	ms := uint64(t.UnixNano()>>6) * inverse
	return int64(ms<<6) >> 6
}
