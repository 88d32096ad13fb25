package throughput

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"parallax/shadow/evidence"
)

// holdOneIn is the inverse of the share of batches for which the candidate is held: 2 %.
const holdOneIn = 50

// TaxMeter measures, on the runner's goroutine, how much the candidate slows the control
// down. Now and then it asks the candidate to hold still (see Holder), while the control
// continues. The first batch that starts after the candidate is at rest, and ends before
// the hold does, counts as a batch without the candidate. Batches during which the
// candidate comes to rest are not counted. Tax may be called on any goroutine.
type TaxMeter struct {
	random  *rand.Rand
	holding bool // the candidate was asked to hold still
	alone   bool // and does, for the batch at hand

	mu      sync.Mutex // guards the fields below
	held    taxTimes
	running taxTimes
	pairs   taxPairs
	taken   taken
}

// Holder is a candidate that can hold still, so that the control is measured without it.
type Holder interface {
	// Hold asks for a hold and reports whether it is granted.
	Hold() bool
	// AtRest reports whether the candidate holds still and has no batch in progress.
	AtRest() bool
	// Held reports whether it has held still since Hold was called.
	Held() bool
	// Release ends the hold.
	Release()
	// Attached reports whether the candidate gets batches.
	Attached() bool
}

// taxTimes are the control's times for one kind of batch. The zero value is empty.
type taxTimes struct {
	batches   int64
	quantiles quantileMeter
}

func (t *taxTimes) add(took recordTime) {
	t.batches++
	t.quantiles.record(time.Duration(took))
}

// p99 is of the time for a record, in µs.
func (t *taxTimes) p99() float64 {
	return float64(t.quantiles.read().P99) / float64(1000*time.Microsecond)
}

// NewTaxMeter returns a meter that selects the held batches with random.
func NewTaxMeter(random *rand.Rand) *TaxMeter { return &TaxMeter{random: random} }

// Before must be called before the control's next batch, and before that is offered to the
// candidate.
func (t *TaxMeter) Before(c Holder) {
	if !t.holding && t.random.IntN(holdOneIn) == 0 {
		t.holding = c.Hold()
	}
	t.alone = t.holding && c.AtRest()
}

// After adds the control's time for a batch of the given number of records.
func (t *TaxMeter) After(c Holder, records int, took time.Duration) {
	still := c.Held()
	switch {
	case records == 0 || !c.Attached():
	case t.alone && still:
		t.addHeld(perRecord(took, records))
	case !t.holding:
		t.addRunning(perRecord(took, records))
	}
	if t.alone || !still {
		c.Release()
		t.holding = false
	}
}

func (t *TaxMeter) addHeld(took recordTime) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held.add(took)
	t.taken.add(&t.taken.pairs.Held, &t.taken.pairs.HeldTimes, took, t.pairs.addHeld(took))
}

func (t *TaxMeter) addRunning(took recordTime) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running.add(took)
	t.taken.add(&t.taken.pairs.Running, &t.taken.pairs.RunningTimes, took, t.pairs.addRunning(took))
}

// Tax returns the measurement so far. It blocks the control's goroutine while it copies,
// not while it computes.
func (t *TaxMeter) Tax() evidence.Tax {
	t.mu.Lock()
	s := evidence.Tax{Pairs: len(t.pairs.differences), Held: t.held.batches, Running: t.running.batches}
	pairs := taxPairs{differences: slices.Clone(t.pairs.differences)}
	var p99 evidence.TaxP99
	if len(pairs.differences) >= fewestTaxPairs {
		p99 = evidence.TaxP99{Running: t.running.p99(), Held: t.held.p99()}
	}
	t.mu.Unlock()
	if value, interval, isKnown := pairs.typical(); isKnown {
		s.Value, s.CI95, s.P99 = &value, &interval, &p99
	}
	return s
}
