package row

import (
	"strings"
	"time"
)

// ParseTimestamp reads ISO 8601 text as milliseconds since the epoch: extended
// ("2024-01-02T03:04:05.678+01:00", with a blank instead of the T, or without zone, seconds
// or time) or basic ("20240102", "20240102T030405.678Z"). An offset may be +01:00, +0100 or
// +01, and at most 18 hours, as in Java; the default is UTC. Digits beyond milliseconds are
// dropped.
func ParseTimestamp(text string) (ms int64, ok bool) {
	layout, ok := timestampLayout(text)
	if !ok {
		return 0, false
	}
	t, err := time.Parse(layout, text)
	_, offset := t.Zone()
	const farthest = 18 * 3600 // seconds
	return t.UnixMilli(), err == nil && offset >= -farthest && offset <= farthest
}

// The parts of timestampLayouts: a date with its separator, a clock, a zone. The clock
// after a basic date is basic, too.
var (
	dateLayouts  = [...]string{"2006-01-02T", "2006-01-02 ", "20060102T"}
	clockLayouts = [...][2]string{{"15:04:05", "15:04"}, {"15:04:05", "15:04"}, {"150405", "150405"}}
	zoneLayouts  = [...]string{len("+07:00"): "Z07:00", len("+0700"): "Z0700", len("+07"): "Z07", len("Z"): "Z07:00", 0: ""}

	// timestampLayouts are all combinations, by the indexes of their parts.
	timestampLayouts = func() (all [len(dateLayouts)][2][len(zoneLayouts)]string) {
		for d, date := range dateLayouts {
			for c, clock := range clockLayouts[d] {
				for z, zone := range zoneLayouts {
					all[d][c][z] = date + clock + zone
				}
			}
		}
		return all
	}()
)

// timestampLayout returns the one layout that can match a text.
func timestampLayout(text string) (layout string, ok bool) {
	const date, basicDate = len("2006-01-02"), len("20060102")
	separator, number := date, 0
	switch {
	case len(text) == basicDate:
		return "20060102", true
	case len(text) == date:
		return "2006-01-02", true
	case len(text) > basicDate && text[basicDate] == 'T':
		separator, number = basicDate, 2
	case len(text) > date && text[date] == 'T':
	case len(text) > date && text[date] == ' ':
		number = 1
	default:
		return "", false
	}
	clock := text[separator+1:]
	zone := strings.IndexAny(clock, "Z+-")
	if zone < 0 {
		zone = len(clock)
	}
	isShort := 0
	if strings.Count(clock[:zone], ":") == 1 {
		isShort = 1
	}
	switch n := len(clock) - zone; n {
	case 0, len("Z"), len("+07"), len("+0700"), len("+07:00"):
		return timestampLayouts[number][isShort][n], true
	}
	return "", false
}

// ParseDate reads "2024-01-02", "20240102", or a month's first day as "2024-01", as
// days since the epoch.
func ParseDate(text string) (days int64, ok bool) {
	layout := "2006-01-02"
	switch {
	case IsBasicDate(text):
		layout = "20060102"
	case len(text) == len("2006-01"):
		layout = "2006-01"
	}
	t, err := time.Parse(layout, text)
	return t.Unix() / 86400, err == nil // midnight: the division is exact
}

// IsBasicDate reports whether a text is eight digits, ISO 8601's basic format of a date. It
// does not check the month and the day.
func IsBasicDate[T string | []byte](text T) bool {
	if len(text) != len("20060102") {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// ParseTime reads "03:04", "03:04:05", "03:04:05.678" or "030405" as milliseconds
// since midnight. Digits beyond milliseconds fall away.
func ParseTime(text string) (ms int64, ok bool) {
	layout := "15:04:05"
	switch strings.Count(text, ":") {
	case 0:
		layout = "150405"
	case 1:
		layout = "15:04"
	}
	t, err := time.Parse(layout, text)
	return int64(t.Hour()*3600+t.Minute()*60+t.Second())*1000 + int64(t.Nanosecond()/1e6), err == nil
}
