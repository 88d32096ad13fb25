package row

// TimeUnit is the unit of numbers since the epoch. The zero value is milliseconds.
type TimeUnit uint8

// The units.
const (
	Milliseconds TimeUnit = iota
	Seconds
	Microseconds
	Nanoseconds
)

// TimeUnits are the units by their names.
var TimeUnits = map[string]TimeUnit{"s": Seconds, "ms": Milliseconds, "us": Microseconds, "ns": Nanoseconds}

// Millis converts a number of units to milliseconds, rounding down. ok is false if the
// result does not fit 64 bits.
func (u TimeUnit) Millis(n int64) (ms int64, ok bool) {
	switch u {
	case Seconds:
		ms = n * 1000
		return ms, ms/1000 == n
	case Microseconds:
		return floorDivide(n, 1000), true
	case Nanoseconds:
		return floorDivide(n, 1_000_000), true
	}
	return n, true
}

func floorDivide(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
