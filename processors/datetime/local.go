package datetime

import "time"

// mostOffset is more than any zone's clocks are ahead of UTC.
const mostOffset = 19 * time.Hour

// InZone returns the moment at which clocks in a zone show what a time in UTC shows. As
// java.time has it, of two such moments, when clocks go back, it is the earlier one;
// where clocks go forward past what is shown, it is later by the length of the gap.
// (time.Date says that it guarantees neither.)
func InZone(shown time.Time, zone *time.Location) time.Time {
	if zone == time.UTC {
		return shown
	}
	// From a time that is early enough, each period of one offset gives one moment:
	// the first that is before its period's end is the one, but where that is before
	// the period's start, the clocks have passed over it, and the offset before counts.
	// A period's start is the end of the one before: what ZoneBounds says is wrong
	// where a zone's rule begins (America/Indiana/Winamac, 2007).
	start, before := shown.Add(-mostOffset), time.Duration(0)
	for at := start.In(zone); ; {
		_, seconds := at.Zone()
		_, end := at.ZoneBounds()
		offset := time.Duration(seconds) * time.Second
		moment := shown.Add(-offset)
		switch {
		case end.After(at) && !moment.Before(end): // there is a next period
			at, start, before = end, end, offset
		case moment.Before(start):
			return shown.Add(-before).In(zone)
		default:
			return moment.In(zone)
		}
	}
}
