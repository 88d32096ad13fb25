package shadow

import (
	"math/rand/v2"
	"time"

	"parallax/processors/row"
)

// ShadowTax is what V2's being there costs V1: how much longer V1 takes for a
// record with V2 running than with V2 held. It is measured over a random few of
// the run's own batches, so that nothing but V2 tells the two kinds apart.
type ShadowTax struct {
	// Value is 0.05 where V1 takes 5 % longer; 0 while it is not Known.
	Value float64
	Known bool
	// Held counts the batches that V1 processed while V2 was held, Running the
	// others.
	Held, Running int64
}

const (
	// holdOneIn is how rare the batches are for which V2 is held: 2 %.
	holdOneIn = 50
	// fewestHeld is how many it takes to say anything.
	fewestHeld = 8
)

// taxMeter measures the ShadowTax on the runner's goroutine. V2 is asked to hold
// still now and then (see candidate.hold); V1 goes on meanwhile, and the first
// batch that finds V2 idle, and is done before V2 goes on, counts as one without
// V2. What V1 does while V2 comes to rest counts for neither kind.
type taxMeter struct {
	random  *rand.Rand
	holding bool // V2 was asked to hold still
	alone   bool // and does, for the batch at hand
	held    timeSum
	running timeSum
}

// timeSum adds up V1's time.
type timeSum struct {
	batches, records int64
	took             time.Duration
}

func newTaxMeter() taxMeter {
	return taxMeter{random: rand.New(rand.NewPCG(3, 4))}
}

// before prepares for V1's next batch; it is called before V2 is offered it.
func (t *taxMeter) before(c *candidate) {
	if !t.holding && t.random.IntN(holdOneIn) == 0 {
		t.holding = c.hold()
	}
	t.alone = t.holding && c.atRest()
}

// after takes the time that V1 took for a batch.
func (t *taxMeter) after(c *candidate, b *row.Batch, took time.Duration) {
	still := c.held()
	switch {
	case b.Len() == 0 || !c.attached():
	case t.alone && still:
		t.held.add(b, took)
	case !t.holding:
		t.running.add(b, took)
	}
	if t.alone || !still {
		c.release()
		t.holding = false
	}
}

func (s *timeSum) add(b *row.Batch, took time.Duration) {
	s.batches++
	s.records += int64(b.Len())
	s.took += took
}

// tax is what was measured.
func (t *taxMeter) tax() ShadowTax {
	s := ShadowTax{Held: t.held.batches, Running: t.running.batches}
	if s.Held >= fewestHeld && t.held.took > 0 && t.running.records > 0 {
		perRecord := func(s timeSum) float64 { return s.took.Seconds() / float64(s.records) }
		s.Known, s.Value = true, perRecord(t.running)/perRecord(t.held)-1
	}
	return s
}
