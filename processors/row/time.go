package row

import "time"

// MillisPerDay is the number of milliseconds in a day.
const MillisPerDay = 86_400_000

// DateOf returns the day, since 1970-01-01, that contains the time ms. ok is false if the
// day does not fit a DATE's 32 bits.
func DateOf(ms int64) (days int64, ok bool) {
	days = ms / MillisPerDay
	if ms%MillisPerDay < 0 {
		days--
	}
	return days, days == int64(int32(days))
}

// TimeOf returns the time of day, in ms since midnight.
func TimeOf(ms int64) int64 { return (ms%MillisPerDay + MillisPerDay) % MillisPerDay }

// FormatTimestamp writes milliseconds since the epoch as CAST to STRING does:
// "2024-01-02T03:04:05.678", UTC, always three digits of milliseconds.
func FormatTimestamp(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000")
}

// FormatISO writes a DATE ("2024-01-02"), TIME ("03:04:05.678") or TIMESTAMP as
// ISO 8601, as CAST to STRING does; "" for any other value.
func FormatISO(v Value) string {
	switch v.Kind() {
	case Date:
		return time.Unix(v.Int64()*86400, 0).UTC().Format("2006-01-02")
	case Time:
		return time.UnixMilli(v.Int64()).UTC().Format("15:04:05.000")
	case Timestamp:
		return FormatTimestamp(v.Int64())
	}
	return ""
}
