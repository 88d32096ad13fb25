package datetime

import (
	"strconv"
	"time"
)

// AppendFormat appends a time in the pattern's format, in the time's own zone.
func (p *Pattern) AppendFormat(dst []byte, t time.Time) []byte {
	return appendElements(dst, p.elements, t)
}

func appendElements(dst []byte, list []element, t time.Time) []byte {
	for i := range list {
		e := &list[i]
		switch e.kind {
		case literalText:
			dst = append(dst, e.literal...)
		case optional:
			dst = appendElements(dst, e.section, t)
		case nameField:
			dst = append(dst, e.letter.names.of(e.count)[e.letter.number(t)-e.letter.first]...)
		case numberField:
			dst = e.appendNumber(dst, e.letter.number(t))
		case fraction:
			digits := strconv.Itoa(1e9 + t.Nanosecond())
			dst = append(dst, digits[1:1+e.count]...)
		case zoneField:
			dst = e.appendZone(dst, t)
		}
	}
	return dst
}

func (e *element) appendNumber(dst []byte, n int64) []byte {
	if e.most == 2 && (e.letter.field == year || e.letter.field == yearOfEra) {
		n = (n%100 + 100) % 100 // the last two digits of a year
	}
	switch {
	case n < 0:
		dst = append(dst, '-')
		n = -n
	case e.signed && len(strconv.FormatInt(n, 10)) > e.count:
		dst = append(dst, '+')
	}
	digits := strconv.FormatInt(n, 10)
	for range e.least - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// offsetForms are how X and x write an offset, by their number.
var offsetForms = [...]string{1: "+HHmm", 2: "+HHMM", 3: "+HH:MM", 4: "+HHMMss", 5: "+HH:MM:ss"}

func (e *element) appendZone(dst []byte, t time.Time) []byte {
	name, seconds := t.Zone()
	switch e.zone {
	case 'X':
		if seconds == 0 {
			return append(dst, 'Z')
		}
		return appendOffset(dst, seconds, offsetForms[e.count])
	case 'x':
		return appendOffset(dst, seconds, offsetForms[e.count])
	case 'Z':
		switch {
		case e.count == 5 && seconds == 0:
			return append(dst, 'Z')
		case e.count == 5:
			return appendOffset(dst, seconds, offsetForms[5])
		case e.count < 4:
			return appendOffset(dst, seconds, "+HHMM")
		}
		fallthrough
	case 'O':
		dst = append(dst, "GMT"...)
		switch {
		case seconds == 0:
			return dst
		case e.count == 4:
			return appendOffset(dst, seconds, "+HH:MM:ss")
		}
		short := appendOffset(nil, seconds, "+HH:mm:ss")
		if short[1] == '0' {
			short = append(short[:1], short[2:]...)
		}
		return append(dst, short...)
	case 'V':
		return append(dst, t.Location().String()...)
	}
	return append(dst, name...)
}
