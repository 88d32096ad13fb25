package evidence

import (
	"encoding/json"
	"time"
)

// Figure is a measured quantity greater than 0. 0 means that it was not measured, and is
// null in JSON.
type Figure float64

// PerSecond returns n divided by d in seconds; 0 if d is 0.
func PerSecond(n int64, d time.Duration) Figure {
	if n == 0 || d <= 0 {
		return 0
	}
	return Figure(float64(n) / d.Seconds())
}

// MarshalJSON writes the number, or null.
func (f Figure) MarshalJSON() ([]byte, error) {
	if f == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

// Interval is from its first figure to its second; both are 0, and it is null in JSON,
// where it is not known.
type Interval [2]float64

// IsKnown reports whether the interval was computed.
func (i Interval) IsKnown() bool { return i != Interval{} }

// MarshalJSON writes an array of the two, or null.
func (i Interval) MarshalJSON() ([]byte, error) {
	if !i.IsKnown() {
		return []byte("null"), nil
	}
	return json.Marshal([2]float64(i))
}

// Duration is a time that is a number of milliseconds in JSON.
type Duration time.Duration

// Milliseconds is the time in ms.
func (d Duration) Milliseconds() float64 { return float64(d) / float64(time.Millisecond) }

// Std is the time as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// MarshalJSON writes the milliseconds.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.Milliseconds()) }

// UnmarshalJSON reads milliseconds.
func (d *Duration) UnmarshalJSON(text []byte) error {
	var ms float64
	if err := json.Unmarshal(text, &ms); err != nil {
		return err
	}
	*d = Duration(ms * float64(time.Millisecond))
	return nil
}
