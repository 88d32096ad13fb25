package datetime

import (
	"slices"
	"strings"
	"time"
)

// extracts are the parts of a time that EXTRACT computes, in UTC.
var extracts = []struct {
	name string
	part Parts
	of   func(t time.Time) int64
}{
	{"YEAR", DatePart, func(t time.Time) int64 { return int64(t.Year()) }},
	{"QUARTER", DatePart, quarterOf},
	{"MONTH", DatePart, monthOf},
	{"WEEK", DatePart, func(t time.Time) int64 { _, w := t.ISOWeek(); return int64(w) }},
	{"DAY", DatePart, func(t time.Time) int64 { return int64(t.Day()) }},
	{"DOW", DatePart, func(t time.Time) int64 { return int64(t.Weekday()) }},
	{"ISODOW", DatePart, weekdayOf},
	{"DOY", DatePart, func(t time.Time) int64 { return int64(t.YearDay()) }},
	{"HOUR", ClockPart, func(t time.Time) int64 { return int64(t.Hour()) }},
	{"MINUTE", ClockPart, func(t time.Time) int64 { return int64(t.Minute()) }},
	{"SECOND", ClockPart, func(t time.Time) int64 { return int64(t.Second()) }},
	{"MILLISECOND", ClockPart, func(t time.Time) int64 { return int64(t.Nanosecond() / 1e6) }},
	{"EPOCH", DatePart | ClockPart, func(t time.Time) int64 { return t.Unix() }},
}

// Extract returns the function that computes a part of a time, and whether it uses the date
// or the clock.
func Extract(name string) (of func(time.Time) int64, part Parts, ok bool) {
	for _, e := range extracts {
		if strings.EqualFold(e.name, name) {
			return e.of, e.part, true
		}
	}
	return nil, 0, false
}

// ExtractNames lists the parts that Extract supports.
func ExtractNames() string {
	var list []string
	for _, e := range extracts {
		list = append(list, e.name)
	}
	return strings.Join(slices.Clip(list), ", ")
}
