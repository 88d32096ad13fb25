package bench

import "strconv"

// digitPairs are the digits of 00 to 99.
var digitPairs = func() (p [200]byte) {
	for i := range 100 {
		p[2*i], p[2*i+1] = '0'+byte(i/10), '0'+byte(i%10)
	}
	return p
}()

// appendMillionths appends n·10^-6 with six digits after the point.
func appendMillionths(b []byte, n uint64) []byte {
	b = strconv.AppendUint(b, n/1_000_000, 10)
	n %= 1_000_000
	first, second, third := 2*(n/10_000), 2*(n/100%100), 2*(n%100)
	return append(b, '.', digitPairs[first], digitPairs[first+1], digitPairs[second], digitPairs[second+1], digitPairs[third], digitPairs[third+1])
}

// appendCents appends n hundredths as a DECIMAL of scale 2; n is below 2^63 and not
// below zero: no floor has another.
func appendCents(b []byte, n int64) []byte {
	b = strconv.AppendInt(b, n/100, 10)
	at := 2 * (n % 100)
	return append(b, '.', digitPairs[at], digitPairs[at+1])
}
