package candidate

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"parallax/shadow/throughput"
)

// constant is a source of one random number.
type constant uint64

func (c *constant) Uint64() uint64 { return uint64(*c) }

// The numbers that always and never draw a hold.
const (
	always constant = 1_000_000 << 32
	never  constant = 3_000_000_000 << 32
)

func TestABatchCountsAsHeldOnlyIfV2WasIdleFromItsStartToItsEnd(t *testing.T) {
	withV2(t, &slowV2{takes: 20 * time.Millisecond}, nil, func(t *testing.T, c *Candidate) {
		draw := always
		m, seq := throughput.NewTaxMeter(rand.New(&draw)), 0
		step := func(took time.Duration) {
			b := batchOf(seq, 10)
			seq++
			m.Before(c)
			c.Offer(b)
			time.Sleep(took)
			m.After(c, b.Len(), took)
		}
		expect := func(when string, held, running int64) {
			t.Helper()
			if s := m.Tax(); s.Held != held || s.Running != running {
				t.Errorf("%s: %d batches held and %d running, want %d and %d", when, s.Held, s.Running, held, running)
			}
		}
		step(time.Millisecond)
		expect("V2 was idle", 1, 0)
		synctest.Wait() // V2 has the batch now
		step(5 * time.Millisecond)
		expect("V2 was still at it", 1, 0)
		time.Sleep(50 * time.Millisecond)
		step(time.Millisecond)
		expect("it had come to rest", 2, 0)
		time.Sleep(100 * time.Millisecond)
		step(time.Second)
		expect("the hold ended in the middle", 2, 0)
		time.Sleep(100 * time.Millisecond)
		draw = never
		step(time.Millisecond)
		expect("no hold", 2, 1)
		c.detach(Overloaded, ErrNoProgress)
		step(time.Millisecond)
		expect("no V2", 2, 1)
	})
}

func TestWhileTheComparisonIsAtWorkV2IsNotAtRest(t *testing.T) {
	withV2(t, &slowV2{}, nil, func(t *testing.T, c *Candidate) {
		c.Hold()
		if !c.AtRest() {
			t.Error("nothing is going on")
		}
		comparison := c.comparison.(*compared)
		comparison.mu.Lock()
		comparison.behind++ // one is being compared
		comparison.mu.Unlock()
		if c.AtRest() {
			t.Error("the comparison is at work")
		}
	})
}
