package row

import "time"

// timestampLayouts are the ISO 8601 texts that a TIMESTAMP is read from. Without
// a zone the text is UTC.
var timestampLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"2006-01-02",
}

// ParseTimestamp reads ISO 8601 text ("2024-01-02T03:04:05.678+01:00", a blank
// for the T, without zone, seconds or time) as milliseconds since the epoch.
// Digits beyond milliseconds fall away.
func ParseTimestamp(text string) (ms int64, ok bool) {
	for _, layout := range timestampLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}

// ParseDate reads "2024-01-02", or a month's first day as "2024-01", as days
// since the epoch.
func ParseDate(text string) (days int64, ok bool) {
	for _, layout := range [...]string{"2006-01-02", "2006-01"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Unix() / 86400, true // midnight: the division is exact
		}
	}
	return 0, false
}

// ParseTime reads "03:04", "03:04:05" or "03:04:05.678" as milliseconds since
// midnight. Digits beyond milliseconds fall away.
func ParseTime(text string) (ms int64, ok bool) {
	for _, layout := range [...]string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return int64(t.Hour()*3600+t.Minute()*60+t.Second())*1000 + int64(t.Nanosecond()/1e6), true
		}
	}
	return 0, false
}

// MillisPerDay are a day's milliseconds.
const MillisPerDay = 86_400_000

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
