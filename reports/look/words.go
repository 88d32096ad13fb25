package look

import (
	"fmt"
	"strings"
	"time"

	"parallax/reports/gate"
)

// Share is a part of a whole in per cent; small parts are not rounded to 0.
func Share(n, of int64) string {
	f := 100 * float64(n) / float64(of)
	switch {
	case n == 0 || of == 0:
		return "0 %"
	case f < 0.01:
		return "< 0.01 %"
	case n < of && f > 99.99:
		return "> 99.99 %"
	}
	return fmt.Sprintf("%.2f %%", f)
}

// Duration is a time as people read it.
func Duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// Percent is a fraction in per cent.
func Percent(f float64) string { return fmt.Sprintf("%.1f %%", 100*f) }

// Sentence begins with a capital and ends with a point.
func Sentence(s string) string {
	if s == "" {
		return s
	}
	if s[0] >= 'a' && s[0] <= 'z' {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// Count is a number of things.
func Count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return gate.Thousands(n) + " " + what + "s"
}
