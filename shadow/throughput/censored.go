package throughput

import (
	"time"

	"parallax/shadow/evidence"
)

// Censor counts a batch of so many records that V2 was given up on, after the time that
// it had had.
func (p *Meter) Censor(records int, had time.Duration) {
	p.censored.Batches++
	p.censored.Records += int64(records)
	p.censored.Waited = max(p.censored.Waited, evidence.Duration(had))
	p.service[Candidate].atLeast = true
	if had > 0 { // one that the candidate had not begun shows nothing about its speed
		p.service[Candidate].record(had)
	}
}
