package migration

import (
	"fmt"
	"strconv"
	"time"
)

// Roughly shows a duration to two units: 40s, 41m, 2h 10m, 3d 4h.
func Roughly(d time.Duration) string {
	const day = 24 * time.Hour
	two := func(a int, unit string, b int, other string) string {
		if b == 0 {
			return fmt.Sprintf("%d%s", a, unit)
		}
		return fmt.Sprintf("%d%s %d%s", a, unit, b, other)
	}
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int((d+time.Second-1)/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d/time.Minute))
	case d < day:
		return two(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "m")
	}
	return two(int(d/day), "d", int(d%day/time.Hour), "h")
}

// thousands separates groups of three digits by commas.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

func orElse(text, or string) string {
	if text == "" {
		return or
	}
	return text
}

// proportional is how long missing takes if have took so long; nil if that cannot be known.
func proportional(missing, have int64, took time.Duration) *time.Duration {
	if have <= 0 || took <= 0 {
		return nil
	}
	d := time.Duration(float64(took) * float64(missing) / float64(have))
	return &d
}
