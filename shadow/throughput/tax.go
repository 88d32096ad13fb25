package throughput

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"parallax/shadow/evidence"
)

// holdOneIn is how rare the batches are for which V2 is held: 2 %.
const holdOneIn = 50

// TaxMeter measures the tax on the runner's goroutine. V2 is asked to hold
// still now and then (see Holder); V1 goes on meanwhile, and the first
// batch that finds V2 idle, and is done before V2 goes on, counts as one without
// V2. What V1 does while V2 comes to rest counts for neither kind. Tax may be asked
// by any goroutine.
type TaxMeter struct {
	random  *rand.Rand
	holding bool // V2 was asked to hold still
	alone   bool // and does, for the batch at hand

	mu      sync.Mutex // guards what follows
	held    taxTimes
	running taxTimes
	pairs   taxPairs
}

// Holder can be asked to hold still, so that V1 is measured without it.
type Holder interface {
	// Hold asks for it and reports whether it will.
	Hold() bool
	// AtRest reports whether it holds still and has nothing in hand.
	AtRest() bool
	// Held reports whether it has held still since Hold was called.
	Held() bool
	// Release ends the hold.
	Release()
	// Attached reports whether it is given batches at all.
	Attached() bool
}

// taxTimes are V1's times over the batches of one kind. The zero value is empty.
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

// NewTaxMeter returns a meter that draws the held batches from random.
func NewTaxMeter(random *rand.Rand) *TaxMeter { return &TaxMeter{random: random} }

// Before prepares for V1's next batch; it is called before V2 is offered it.
func (t *TaxMeter) Before(c Holder) {
	if !t.holding && t.random.IntN(holdOneIn) == 0 {
		t.holding = c.Hold()
	}
	t.alone = t.holding && c.AtRest()
}

// After takes the time that V1 took for a batch of so many records.
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
	t.pairs.addHeld(took)
}

func (t *TaxMeter) addRunning(took recordTime) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running.add(took)
	t.pairs.addRunning(took)
}

// Tax is what was measured so far. V1's goroutine waits while it copies, not while it
// computes.
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
