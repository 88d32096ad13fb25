package throughput

import (
	"time"

	"parallax/shadow/evidence"
)

// Censor counts a batch whose candidate was abandoned after the batch had been with it for
// the time had.
func (p *Meter) Censor(records int, had time.Duration) {
	p.censored.Batches++
	p.censored.Records += int64(records)
	p.censored.Waited = max(p.censored.Waited, evidence.Duration(had))
	p.service[Candidate].atLeast = true
	if had > 0 { // a batch that the candidate had not started says nothing about its speed
		p.service[Candidate].record(had)
	}
}
