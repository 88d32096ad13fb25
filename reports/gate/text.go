package gate

import (
	"strconv"
	"time"
)

func plural(n int64, what string) string { return pluralOf(n, what, what+"s") }

// pluralOf writes a number with the word for one or for several.
func pluralOf(n int64, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + several
}

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// Thousands writes an integer with its thousands separated.
func Thousands(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
