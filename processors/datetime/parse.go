package datetime

import (
	"strconv"
	"strings"
	"time"
)

// parsed holds the fields found by parsing.
type parsed struct {
	has    [fields]bool
	values [fields]int64
	zone   *time.Location
}

func (v *parsed) set(f field, n int64) bool {
	if n < limits[f][0] || n > limits[f][1] || v.has[f] && v.values[f] != n {
		return false
	}
	v.has[f], v.values[f] = true, n
	return true
}

// get returns a field, or a default if it is missing.
func (v *parsed) get(f field, missing int64) int64 {
	if v.has[f] {
		return v.values[f]
	}
	return missing
}

// Parse reads a text that follows the pattern, ignoring the case of letters. Missing parts
// are those of 1970-01-01T00:00. A zone in the text takes precedence over loc. A day up to
// the 31st that its month does not have is the last day of the month, as in Java.
func (p *Pattern) Parse(text string, loc *time.Location) (time.Time, bool) {
	v := parsed{zone: loc}
	rest, ok := v.parse(text, p.elements)
	if !ok || rest != "" {
		return time.Time{}, false
	}
	return v.resolve()
}

func (v *parsed) parse(text string, list []element) (string, bool) {
	for i := range list {
		e := &list[i]
		ok := false
		switch e.kind {
		case literalText:
			if len(text) < len(e.literal) || !strings.EqualFold(text[:len(e.literal)], e.literal) {
				return text, false
			}
			text, ok = text[len(e.literal):], true
		case optional:
			before := *v
			rest, found := v.parse(text, e.section)
			if ok = true; found {
				text = rest
			} else {
				*v = before
			}
		case nameField:
			text, ok = v.name(text, e)
		case numberField:
			text, ok = v.number(text, e)
		case fraction:
			text, ok = v.fraction(text, e)
		case zoneField:
			text, ok = v.readZone(text, e)
		}
		if !ok {
			return text, false
		}
	}
	return text, true
}

func digitsIn(text string, most int) int {
	n := 0
	for n < len(text) && n < most && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

func (v *parsed) name(text string, e *element) (string, bool) {
	best, at := -1, 0
	list := e.letter.names.of(e.count)
	for i, name := range list {
		if len(name) > at && len(text) >= len(name) && strings.EqualFold(text[:len(name)], name) {
			best, at = i, len(name)
		}
	}
	if best < 0 {
		return text, false
	}
	return text[at:], v.set(e.letter.field, e.letter.first+int64(best))
}

func (v *parsed) number(text string, e *element) (string, bool) {
	negative, plus := false, false
	isYear := e.letter.field == year || e.letter.field == yearOfEra
	if isYear && e.most > 2 && text != "" && (text[0] == '-' || text[0] == '+' && e.signed) {
		negative, plus = text[0] == '-', text[0] == '+'
		text = text[1:]
	}
	n := digitsIn(text, e.most)
	if e.reserved > 0 {
		n = max(e.least, digitsIn(text, e.most+e.reserved)-e.reserved)
	}
	if n > len(text) || n < e.least || n == 0 || n > 18 || digitsIn(text, n) != n || e.signed && plus != (n > e.count) && !negative {
		return text, false
	}
	value, err := strconv.ParseInt(text[:n], 10, 64)
	if err != nil {
		return text, false
	}
	if isYear && e.most == 2 {
		value += 2000
	}
	if negative {
		value = -value
	}
	return text[n:], v.set(e.letter.field, value)
}

func (v *parsed) fraction(text string, e *element) (string, bool) {
	n := digitsIn(text, e.count)
	if n < e.count {
		return text, false
	}
	value, err := strconv.ParseInt(text[:n]+"000000000"[n:], 10, 64)
	return text[n:], err == nil && v.set(nano, value)
}

// readZone reads an offset or the name of a zone, the longer of the two.
func (v *parsed) readZone(text string, e *element) (string, bool) {
	if e.zone == 'X' || e.zone == 'x' || e.zone == 'Z' && e.count != 4 {
		if text != "" && (text[0] == 'Z' || text[0] == 'z') && (e.zone == 'X' || e.zone == 'Z' && e.count == 5) {
			v.zone = time.UTC
			return text[1:], true
		}
		n := e.offsetLength(text)
		if n == 0 {
			return text, false
		}
		seconds, ok := offsetOf(text[:n])
		v.zone = fixed("", seconds)
		return text[n:], ok
	}
	n := 0
	for n < len(text) && (text[n] >= 'a' && text[n] <= 'z' || text[n] >= 'A' && text[n] <= 'Z' || n > 0 && strings.IndexByte("/_-+:0123456789", text[n]) >= 0) {
		n++
	}
	zone, ok := Zone(text[:n])
	if ok {
		v.zone = zone
	}
	return text[n:], ok
}

// offsetLength is the length of the offset at the beginning of a text, in the element's
// form; 0 if there is none.
func (e *element) offsetLength(text string) int {
	if text == "" || text[0] != '+' && text[0] != '-' {
		return 0
	}
	form := "+HHMM" // Z
	switch {
	case e.zone != 'Z':
		form = offsetForms[e.count]
	case e.count == 5:
		form = offsetForms[5]
	}
	colon := 0
	if strings.Contains(form, ":") {
		colon = 1
	}
	n := 1 + digitsIn(text[1:], 2)
	if n < 3 {
		return 0
	}
	for _, must := range []bool{strings.Contains(form, "MM"), false} {
		isMinute := n == 3
		if !isMinute && !strings.Contains(form, "ss") {
			break
		}
		if colon == 1 && (len(text) <= n || text[n] != ':') || len(text) < n+colon+2 || digitsIn(text[n+colon:], 2) < 2 {
			if must {
				return 0
			}
			break
		}
		n += colon + 2
	}
	return n
}

// mostYears bounds years: beyond, milliseconds since 1970 do not fit 64 bits.
const mostYears = 292_000_000

// resolve computes a time from the fields.
func (v *parsed) resolve() (time.Time, bool) {
	y := v.get(year, v.get(yearOfEra, 1970))
	if v.has[era] && v.values[era] == 0 && v.has[yearOfEra] {
		y = 1 - y
	}
	if y > mostYears || y < -mostYears {
		return time.Time{}, false
	}
	var date time.Time
	switch {
	case v.has[dayOfYear] && !v.has[month] && !v.has[dayOfMonth]:
		date = time.Date(int(y), 1, int(v.values[dayOfYear]), 0, 0, 0, 0, time.UTC)
		if int64(date.Year()) != y {
			return date, false
		}
	default:
		m := v.get(month, 1)
		if v.has[quarter] && !v.has[month] {
			m = v.values[quarter]*3 - 2
		}
		date = time.Date(int(y), time.Month(m), int(min(v.get(dayOfMonth, 1), daysIn(y, m))), 0, 0, 0, 0, time.UTC)
	}
	whole := (v.has[year] || v.has[yearOfEra]) && (v.has[dayOfYear] || v.has[month] && v.has[dayOfMonth])
	if whole && (v.has[dayOfWeek] && v.values[dayOfWeek] != weekdayOf(date) || v.has[quarter] && v.values[quarter] != quarterOf(date)) {
		return date, false
	}
	clock, ok := v.clock()
	if !ok {
		return date, false
	}
	return InZone(date.Add(time.Duration(clock)), v.zone), true
}

// clock is the time of day in ns.
func (v *parsed) clock() (int64, bool) {
	switch {
	case v.has[nanoOfDay]:
		return v.values[nanoOfDay], true
	case v.has[milliOfDay]:
		return v.values[milliOfDay] * 1e6, true
	}
	half := v.get(hourOfHalf, v.get(hourOfHalfFrom1, 0)%12) + 12*v.get(halfOfDay, 0)
	hour := v.get(hourOfDay, v.get(hourFrom1, half)%24)
	if (v.has[hourOfHalf] || v.has[hourOfHalfFrom1]) && v.has[halfOfDay] && half != hour {
		return 0, false
	}
	return hour*3600e9 + v.get(minute, 0)*60e9 + v.get(second, 0)*1e9 + v.get(nano, 0), true
}

func daysIn(y, m int64) int64 {
	return int64(time.Date(int(y), time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day())
}
