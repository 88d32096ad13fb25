package datetime

import "time"

// mostOffset is larger than the UTC offset of every zone.
const mostOffset = 19 * time.Hour

// InZone returns the moment at which clocks in a zone show the date and time that shown has
// in UTC. It follows java.time: where clocks go back and there are two such moments, it
// returns the earlier one; where clocks go forward and there is none, it returns a moment
// later by the length of the gap. (time.Date guarantees neither.)
func InZone(shown time.Time, zone *time.Location) time.Time {
	if zone == time.UTC {
		return shown
	}
	// Each period with one offset gives one candidate. Starting early enough, take the
	// first candidate before the end of its period. If it is also before the period's
	// start, the clocks skipped the shown time, and the offset before applies. The start of
	// a period is the end of the one before, because ZoneBounds returns a wrong start where
	// a zone's rule begins (America/Indiana/Winamac, 2007).
	start, before := shown.Add(-mostOffset), time.Duration(0)
	for at := start.In(zone); ; {
		_, seconds := at.Zone()
		_, end := at.ZoneBounds()
		offset := time.Duration(seconds) * time.Second
		moment := shown.Add(-offset)
		switch {
		case end.After(at) && !moment.Before(end): // not in this period, and there is a next one
			at, start, before = end, end, offset
		case moment.Before(start):
			return shown.Add(-before).In(zone)
		default:
			return moment.In(zone)
		}
	}
}
