package sql

import (
	"fmt"
	"math"
	"math/big"
)

// units are the units of time, in ms. The one-letter and short forms are Velostream's.
var units = map[string]int64{
	"MILLISECOND": 1, "MILLISECONDS": 1, "MS": 1,
	"SECOND": 1000, "SECONDS": 1000, "S": 1000,
	"MINUTE": 60_000, "MINUTES": 60_000, "M": 60_000,
	"HOUR": 3_600_000, "HOURS": 3_600_000, "H": 3_600_000,
	"DAY": 86_400_000, "DAYS": 86_400_000, "D": 86_400_000,
}

// maxDuration is larger than any record's time, and small enough that adding it to one does
// not overflow.
const maxDuration = math.MaxInt64 / 4

// duration reads 1 MINUTE, 1m, INTERVAL '1' MINUTE, in ms.
func (p *parser) duration(zero bool) int64 {
	p.accept("INTERVAL")
	t := p.peek()
	digits, unit, together := splitDuration(t)
	if together {
		t = digits
	} else if t.kind != number && t.kind != text {
		p.unexpected("a duration such as 1 MINUTE")
	}
	p.advance()
	if !together {
		unit = p.peek()
	}
	size, ok := units[unit.upper]
	if !ok {
		p.unexpected("a unit of time (MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS)", "MILLISECONDS", "SECONDS", "MINUTES", "HOURS", "DAYS", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY")
	}
	if !together {
		p.advance()
	}
	var n big.Int
	if len(t.text) <= 30 { // longer ones are too large anyway
		_, ok = n.SetString(t.text, 10)
	} else {
		ok = false
	}
	if !ok {
		p.fail(t.at, "expected a whole number of %s, found %s", unit.text, t.text)
		return 1
	}
	n.Mul(&n, big.NewInt(size))
	if n.Sign() < 0 || n.Sign() == 0 && !zero || n.Cmp(big.NewInt(maxDuration)) > 0 {
		p.fail(t.at, "%s %s is not a valid duration here", t.text, unit.text)
		return 1
	}
	return n.Int64()
}

// splitDuration splits a word such as 1m into a number and a unit of time; ok is false for
// other words.
func splitDuration(t token) (digits, unit token, ok bool) {
	n := 0
	for n < len(t.text) && isDigit(t.text[n]) {
		n++
	}
	if t.kind != word || n == 0 {
		return digits, unit, false
	}
	digits = token{kind: number, text: t.text[:n], at: t.at, end: t.at + Pos(n)}
	unit = token{kind: word, text: t.text[n:], upper: t.upper[n:], at: digits.end, end: t.end}
	_, ok = units[unit.upper]
	return digits, unit, ok
}

// durationText writes a length of time in the largest unit that divides it.
func durationText(ms int64) string {
	n, unit := durationParts(ms)
	return fmt.Sprintf("%d %s", n, unit)
}

func durationParts(ms int64) (n int64, unit string) {
	for _, unit := range []string{"DAY", "HOUR", "MINUTE", "SECOND"} {
		if size := units[unit]; ms != 0 && ms%size == 0 {
			return ms / size, plural(ms/size, unit)
		}
	}
	return ms, plural(ms, "MILLISECOND")
}

func plural(n int64, unit string) string {
	if n == 1 {
		return unit
	}
	return unit + "S"
}
