package datetime

import "time"

// Parts are the parts of a point in time that a pattern contains.
type Parts uint8

// The parts.
const (
	DatePart Parts = 1 << iota
	ClockPart
	ZonePart
)

// letter describes a letter of patterns: a number or a text.
type letter struct {
	part Parts
	// longest is how often the letter may be repeated.
	longest int
	// number returns the letter's number for a time; field is the field for a parsed
	// number. number is nil for letters that are text only.
	number func(time.Time) int64
	field  field
	// names are texts by the number, for the lengths short (3), full (4) and
	// narrow (5); nil for numbers only. first is the number of names[.][0].
	names *names
	first int64
	// texts is the number of letters from which the names are used instead of the number.
	texts int
}

// field is a number that parsing finds.
type field uint8

const (
	era field = iota
	year
	yearOfEra
	quarter
	month
	dayOfMonth
	dayOfYear
	dayOfWeek
	dayOfWeekInMonth // Java 17's F; later versions have the week of the month there
	halfOfDay
	hourOfDay
	hourFrom1
	hourOfHalf
	hourOfHalfFrom1
	minute
	second
	nano
	milliOfDay
	nanoOfDay
	fields
)

type names struct{ short, full, narrow []string }

// of returns the names for n letters in a row.
func (s *names) of(n int) []string {
	switch n {
	case 4:
		return s.full
	case 5:
		return s.narrow
	}
	return s.short
}

var (
	eras     = &names{[]string{"BC", "AD"}, []string{"Before Christ", "Anno Domini"}, []string{"B", "A"}}
	quarters = &names{[]string{"Q1", "Q2", "Q3", "Q4"}, []string{"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"}, []string{"1", "2", "3", "4"}}
	months   = &names{
		[]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		[]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		[]string{"J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D"},
	}
	days = &names{
		[]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
		[]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
		[]string{"M", "T", "W", "T", "F", "S", "S"},
	}
	halves = &names{short: []string{"AM", "PM"}}
)

// letters are the letters of java.time.format.DateTimeFormatter that do not depend on a
// locale. Zones and fractions, which are neither plain numbers nor names, are handled by
// the pattern.
var letters = map[byte]*letter{
	'G': {part: DatePart, longest: 5, names: eras, field: era, texts: 1, number: func(t time.Time) int64 {
		if t.Year() > 0 {
			return 1
		}
		return 0
	}},
	'u': {part: DatePart, longest: 19, field: year, number: func(t time.Time) int64 { return int64(t.Year()) }},
	'y': {part: DatePart, longest: 19, field: yearOfEra, number: func(t time.Time) int64 {
		if y := t.Year(); y <= 0 {
			return int64(1 - y)
		}
		return int64(t.Year())
	}},
	'D': {part: DatePart, longest: 3, field: dayOfYear, number: func(t time.Time) int64 { return int64(t.YearDay()) }},
	'M': {part: DatePart, longest: 5, field: month, names: months, first: 1, texts: 3, number: monthOf},
	'L': {part: DatePart, longest: 5, field: month, names: months, first: 1, texts: 3, number: monthOf},
	'd': {part: DatePart, longest: 2, field: dayOfMonth, number: func(t time.Time) int64 { return int64(t.Day()) }},
	'Q': {part: DatePart, longest: 5, field: quarter, names: quarters, first: 1, texts: 3, number: quarterOf},
	'q': {part: DatePart, longest: 5, field: quarter, names: quarters, first: 1, texts: 3, number: quarterOf},
	'E': {part: DatePart, longest: 5, field: dayOfWeek, names: days, first: 1, texts: 1, number: weekdayOf},
	'F': {part: DatePart, longest: 1, field: dayOfWeekInMonth, number: func(t time.Time) int64 { return int64(t.Day()-1)%7 + 1 }},
	'a': {part: ClockPart, longest: 1, field: halfOfDay, names: halves, texts: 1, number: func(t time.Time) int64 { return int64(t.Hour() / 12) }},
	'h': {part: ClockPart, longest: 2, field: hourOfHalfFrom1, number: func(t time.Time) int64 { return int64(t.Hour()+11)%12 + 1 }},
	'K': {part: ClockPart, longest: 2, field: hourOfHalf, number: func(t time.Time) int64 { return int64(t.Hour() % 12) }},
	'k': {part: ClockPart, longest: 2, field: hourFrom1, number: func(t time.Time) int64 { return int64(t.Hour()+23)%24 + 1 }},
	'H': {part: ClockPart, longest: 2, field: hourOfDay, number: func(t time.Time) int64 { return int64(t.Hour()) }},
	'm': {part: ClockPart, longest: 2, field: minute, number: func(t time.Time) int64 { return int64(t.Minute()) }},
	's': {part: ClockPart, longest: 2, field: second, number: func(t time.Time) int64 { return int64(t.Second()) }},
	'n': {part: ClockPart, longest: 19, field: nano, number: func(t time.Time) int64 { return int64(t.Nanosecond()) }},
	'A': {part: ClockPart, longest: 19, field: milliOfDay, number: func(t time.Time) int64 { return nanosOfDay(t) / 1e6 }},
	'N': {part: ClockPart, longest: 19, field: nanoOfDay, number: nanosOfDay},
}

// limits are the least and largest value of a field.
var limits = [fields][2]int64{
	era: {0, 1}, year: {-9999, 9999}, yearOfEra: {1, 9999}, quarter: {1, 4}, month: {1, 12}, dayOfMonth: {1, 31},
	dayOfYear: {1, 366}, dayOfWeek: {1, 7}, dayOfWeekInMonth: {1, 7}, halfOfDay: {0, 1}, hourOfDay: {0, 23}, hourFrom1: {1, 24},
	hourOfHalf: {0, 11}, hourOfHalfFrom1: {1, 12}, minute: {0, 59}, second: {0, 59}, nano: {0, 1e9 - 1},
	milliOfDay: {0, 86400e3 - 1}, nanoOfDay: {0, 86400e9 - 1},
}

func monthOf(t time.Time) int64   { return int64(t.Month()) }
func quarterOf(t time.Time) int64 { return int64(t.Month()+2) / 3 }
func weekdayOf(t time.Time) int64 { return int64(t.Weekday()+6)%7 + 1 } // Monday is 1
func nanosOfDay(t time.Time) int64 {
	return int64(t.Hour()*3600+t.Minute()*60+t.Second())*1e9 + int64(t.Nanosecond())
}
