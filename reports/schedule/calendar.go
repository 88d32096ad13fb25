package schedule

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // systems without time zones: Windows, and containers with nothing but the program

	"github.com/robfig/cron/v3"

	"parallax/reports/document"
)

// calendar are the moments of a schedule in a time zone.
type calendar struct {
	spec     cron.Schedule
	location *time.Location
}

// parser reads the five fields of cron, and words such as @daily.
var parser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

func newCalendar(schedule, zone string) (*calendar, error) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	spec, err := parser.Parse(schedule)
	if err != nil {
		return nil, fmt.Errorf("%q is not a schedule such as \"17 3 * * *\": %w", schedule, err)
	}
	of, ok := spec.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("%q has no times of the day: write them, such as \"17 3 * * *\"", schedule)
	}
	if of.Location != time.Local {
		return nil, errors.New("a time zone in the schedule has no effect: use reports.time_zone")
	}
	c := &calendar{of, location}
	if of.Next(time.Unix(0, 0).UTC()).IsZero() {
		return nil, fmt.Errorf("%q never comes", schedule)
	}
	return c, nil
}

// The calendar computes with readings of the clock on the wall, which it writes as times in
// UTC: each reading of the schedule comes once, also one that a change of the clocks skips or
// repeats.

func (c *calendar) reading(t time.Time) time.Time {
	t = t.In(c.location)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// moment returns the time at which a local clock shows a reading. A reading that a clock change skips
// is moved by the change; of a reading that occurs twice it returns one of the two times.
func (c *calendar) moment(reading time.Time) time.Time {
	return time.Date(reading.Year(), reading.Month(), reading.Day(), reading.Hour(), reading.Minute(), 0, 0, c.location).UTC()
}

// window is a time between two neighbouring moments.
type window struct{ from, to time.Time }

// Nights returns the windows of the schedule, or the days if there is none, that have times from
// first to last, the oldest first. The time zone is reports.time_zone.
func (c Config) Nights(first, last time.Time) ([]document.Window, error) {
	spec := c.Schedule
	if spec == "" {
		spec = "0 0 * * *"
	}
	of, err := newCalendar(spec, c.TimeZone)
	if err != nil {
		return nil, err
	}
	var due []window
	for ahead := 2 * day; len(due) == 0 || !due[len(due)-1].to.After(last); ahead *= 2 {
		due = of.due(first, last.Add(ahead))
	}
	var list []document.Window
	for _, w := range due {
		if w.from.After(last) {
			break
		}
		list = append(list, document.Window{From: w.from, To: w.to, Zone: c.TimeZone})
	}
	return list, nil
}

// longest is more than any schedule has between two readings: a 29th of February.
const longest = 9 * 366 * day

// due returns the windows that end after a time, and not after now, the oldest first.
func (c *calendar) due(after, now time.Time) (list []window) {
	at := c.before(c.reading(after).Add(-2 * time.Hour)) // clocks change by less
	for previous := c.moment(at); ; {
		at = c.spec.Next(at)
		if at.IsZero() {
			return list
		}
		next := c.moment(at)
		if next.After(now) {
			return list
		}
		if !next.After(previous) {
			continue // a reading that was moved onto the one before
		}
		if next.After(after) {
			list = append(list, window{previous, next})
		}
		previous = next
	}
}

// before returns the last reading of the schedule before a reading.
func (c *calendar) before(reading time.Time) time.Time {
	for back := time.Hour; back < 2*longest; back *= 2 {
		at := c.spec.Next(reading.Add(-back))
		if at.IsZero() || !at.Before(reading) {
			continue
		}
		for next := at; next.Before(reading); next = c.spec.Next(next) {
			at = next
		}
		return at
	}
	return reading.Add(-day) // it never came
}
