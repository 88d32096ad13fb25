package cluster

import "time"

// Millis returns a fetched record's timestamp, in ms. The client makes a time.Time of
// it by way of nanoseconds, modulo 2^64, which wrap around in the year 2262. As those
// are ms * 10^6 = ms * 15625 * 2^6, ms is known modulo 2^58 all the same: exactly for
// any event time, and as some negative or huge number for most that are none.
func Millis(t time.Time) int64 {
	const inverse = 0x790fb65668c26139 // of 15625 modulo 2^64
	ms := uint64(t.UnixNano()>>6) * inverse
	return int64(ms<<6) >> 6
}
