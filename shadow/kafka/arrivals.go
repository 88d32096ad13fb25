package kafka

import "time"

// arrivals are the fetches of one topic-partition whose records are not all in batches, oldest
// first.
type arrivals []arrival

// arrival is one fetch: it ended before the offset next.
type arrival struct {
	next int64
	at   time.Time
}

// of returns when a record was fetched, zero if that is not known, and drops the fetches before
// it.
func (a *arrivals) of(offset int64) time.Time {
	for len(*a) > 0 && (*a)[0].next <= offset {
		*a = (*a)[1:]
	}
	if len(*a) == 0 {
		return time.Time{}
	}
	return (*a)[0].at
}

// earlier returns the earlier of two times; a zero time counts as no time.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Fetched returns when the oldest record of the last batch was fetched; zero for the flush. It is
// called by the goroutine that calls Next.
func (t *Task) Fetched() time.Time { return t.cameFirst }
