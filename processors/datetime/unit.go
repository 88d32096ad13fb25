package datetime

import (
	"math"
	"strings"
	"time"
)

// Unit is a unit of time: a number of ms, or a number of months.
type Unit struct {
	ms, months int64
	weeks      bool
}

// units by name, singular; names with an S appended are accepted, too.
var units = map[string]Unit{
	"MILLISECOND": {ms: 1}, "SECOND": {ms: 1000}, "MINUTE": {ms: 60_000}, "HOUR": {ms: 3_600_000}, "DAY": {ms: msPerDay},
	"WEEK": {ms: 7 * msPerDay, weeks: true}, "MONTH": {months: 1}, "QUARTER": {months: 3}, "YEAR": {months: 12},
}

const msPerDay = 86_400_000

// UnitNamed finds a unit by its name, singular or plural, in any case.
func UnitNamed(name string) (Unit, bool) {
	name = strings.ToUpper(name)
	u, ok := units[name]
	if !ok {
		u, ok = units[strings.TrimSuffix(name, "S")]
	}
	return u, ok
}

// UnitNames lists the units, singular.
func UnitNames() string { return "YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND" }

// maxMS limits times, in ms; it includes the years -9999 to 9999.
const maxMS = 400_000_000_000_000

// Add adds n units to a time in ms, UTC. Months are the calendar's: the day
// stays, or is the month's last. ok is false where the result is out of range.
func (u Unit) Add(ms, n int64) (sum int64, ok bool) {
	if u.months == 0 {
		if n > math.MaxInt64/u.ms/2 || n < -math.MaxInt64/u.ms/2 {
			return 0, false
		}
		sum = ms + n*u.ms
		return sum, inRange(ms) && inRange(sum)
	}
	if n > 1_000_000 || n < -1_000_000 || !inRange(ms) {
		return 0, false
	}
	sum = addMonths(time.UnixMilli(ms).UTC(), n*u.months).UnixMilli()
	return sum, inRange(sum)
}

// addMonths adds months to a time in UTC: the day stays, or is the month's last.
func addMonths(t time.Time, n int64) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	day := min(int64(t.Day()), daysIn(int64(first.Year()), int64(first.Month())))
	return time.Date(first.Year(), first.Month(), int(day), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

func inRange(ms int64) bool { return ms > -maxMS && ms < maxMS }

// Truncate returns the start of the unit that contains a time; weeks start on Monday. ok is
// false if the start does not fit 64 bits.
func (u Unit) Truncate(ms int64) (start int64, ok bool) {
	switch {
	case u.weeks:
		const monday = 4 * msPerDay // 1970-01-05
		start = ms - floorMod(floorMod(ms, u.ms)-monday, u.ms)
	case u.months == 0:
		start = ms - floorMod(ms, u.ms)
	default:
		t := time.UnixMilli(ms).UTC()
		m := (int64(t.Month())-1)/u.months*u.months + 1
		return Millis(time.Date(t.Year(), time.Month(m), 1, 0, 0, 0, 0, time.UTC))
	}
	return start, start <= ms
}

// Millis returns a time as ms since 1970; ok is false if it does not fit 64 bits.
func Millis(t time.Time) (ms int64, ok bool) {
	ms = t.UnixMilli()
	return ms, time.UnixMilli(ms).Unix() == t.Unix()
}

// Between counts the whole units from one time to another, as ChronoUnit.between of
// java.time does; the result is negative if the second time is earlier. From a later day of
// another month to the end of a shorter month is not a whole month. ok is false if the
// number does not fit 64 bits.
func (u Unit) Between(from, to int64) (n int64, ok bool) {
	switch {
	case u.months > 0:
		return monthsBetween(from, to) / u.months, true
	case to < from:
		n, ok = u.Between(to, from)
		return -n, ok
	}
	units := (uint64(to) - uint64(from)) / uint64(u.ms)
	return int64(units), units <= math.MaxInt64
}

// monthsBetween counts whole months by days only. Before that it moves the end back by a
// day if its clock is behind the clock of the start.
func monthsBetween(from, to int64) int64 {
	first, a := dayOf(from)
	last, b := dayOf(to)
	switch {
	case first < last && b < a:
		last--
	case first > last && b > a:
		last++
	}
	const perMonth = 32 // more than the days of any month
	return (monthsAndDays(last, perMonth) - monthsAndDays(first, perMonth)) / perMonth
}

// dayOf is the day of a time, counted from 1970-01-01, and the ms since its midnight.
func dayOf(ms int64) (day, clock int64) {
	clock = floorMod(ms, msPerDay)
	if day = ms / msPerDay; ms%msPerDay < 0 {
		day--
	}
	return day, clock
}

// monthsAndDays encodes a day as one number: months since the year 0 times perMonth, plus
// the day of the month.
func monthsAndDays(day, perMonth int64) int64 {
	t := time.Unix(day*(msPerDay/1000), 0).UTC()
	return (int64(t.Year())*12+int64(t.Month()))*perMonth + int64(t.Day())
}

func floorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}
