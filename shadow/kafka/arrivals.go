package kafka

import "time"

// arrivals knows when the records of one topic-partition that are not in a batch
// yet were fetched, oldest first. The zero value knows of none.
type arrivals []arrival

// arrival is one fetch: of the records before offset next.
type arrival struct {
	next int64
	at   time.Time
}

// of returns when a record was fetched, and forgets what lies before it; zero
// for a record that no fetch brought.
func (a *arrivals) of(offset int64) time.Time {
	for len(*a) > 0 && (*a)[0].next <= offset {
		*a = (*a)[1:]
	}
	if len(*a) == 0 {
		return time.Time{}
	}
	return (*a)[0].at
}

// earlier is the earlier of two times, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Fetched is when the oldest record of the batch that Next returned last was
// fetched; zero for the flush. It is called by the goroutine that calls Next.
func (t *Task) Fetched() time.Time { return t.cameFirst }
