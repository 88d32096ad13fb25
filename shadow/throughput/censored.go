package throughput

import "time"

// Censored counts the batches of which only is known that V2 took longer than
// they were given: those that it was shed with or without ever getting them, and
// those that it had when it missed its deadline. They are in no ratio, since
// they have no time, but never dropped: each is counted, and the time that it
// had had is among V2's service times.
type Censored struct {
	Batches, Records int64
	// Waited is the longest time that one of them had had when V2 was given up.
	Waited time.Duration
}

// Censor counts a batch of so many records that V2 was given up on, after the time that
// it had had.
func (p *Meter) Censor(records int, had time.Duration) {
	p.censored.Batches++
	p.censored.Records += int64(records)
	p.censored.Waited = max(p.censored.Waited, had)
	p.service[V2].atLeast = true
	if had > 0 { // one that V2 had not begun shows nothing on its speed
		p.service[V2].record(had)
	}
}
