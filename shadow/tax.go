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
	// Value is 0.05 where V1 takes 5 % longer, CI95 its 95 % interval; 0 while it
	// is not Known.
	Value float64
	CI95  [2]float64
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

// timeSum adds up V1's time, and keeps that of the latest batches.
type timeSum struct {
	batches int64
	total   batchTime
	recent  []batchTime
}

type batchTime struct {
	records int64
	took    time.Duration
}

// keptTimes bounds what is kept of either kind for the interval.
const keptTimes = 512

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
	one := batchTime{int64(b.Len()), took}
	s.total.add(one)
	if len(s.recent) < keptTimes {
		s.recent = append(s.recent, one)
	} else {
		s.recent[s.batches%keptTimes] = one
	}
	s.batches++
}

// again draws as many of the kept batches as there are, with replacement.
func (s *timeSum) again(random *rand.Rand) (sum batchTime) {
	for range s.recent {
		sum.add(s.recent[random.IntN(len(s.recent))])
	}
	return sum
}

func (t *batchTime) add(other batchTime) {
	t.records += other.records
	t.took += other.took
}

func (t batchTime) perRecord() float64 { return t.took.Seconds() / float64(t.records) }

// tax is what was measured, with an interval by bootstrap: a few slow batches
// move it far.
func (t *taxMeter) tax() ShadowTax {
	s := ShadowTax{Held: t.held.batches, Running: t.running.batches}
	if s.Held < fewestHeld || s.Running < fewestHeld || t.held.total.took <= 0 {
		return s
	}
	s.Known, s.Value = true, t.running.total.perRecord()/t.held.total.perRecord()-1
	const resamples = 1000
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 0, resamples)
	for range resamples {
		if held := t.held.again(random); held.took > 0 {
			values = append(values, t.running.again(random).perRecord()/held.perRecord()-1)
		}
	}
	s.CI95 = middle95(values)
	return s
}
