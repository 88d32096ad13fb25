package diff

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// KeyText returns the example's key and window for messages; "" if it has no key.
func (e Example) KeyText() string {
	if e.Key == nil {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(e.Key)) {
		parts = append(parts, name+"="+e.Key[name])
	}
	text := cmp.Or(strings.Join(parts, ", "), "(none)")
	if len(e.Window) == 2 {
		text += " in [" + TimeText(e.Window[0]) + ", " + TimeText(e.Window[1]) + ")"
	}
	return text
}

// TimeText returns a time in ms as text, in UTC; a time without a four-digit year is
// returned as a number.
func TimeText(millis int64) string {
	t := time.UnixMilli(millis).UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return strconv.FormatInt(millis, 10)
	}
	if millis%1000 == 0 {
		return t.Format("2006-01-02 15:04:05Z")
	}
	return t.Format("2006-01-02 15:04:05.000Z")
}
