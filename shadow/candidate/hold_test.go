package candidate

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors"
	"parallax/processors/row"
)

// slowV2 takes a time for each batch, and says what it is told to of its
// partitions.
type slowV2 struct {
	takes time.Duration
	stats []processors.PartitionStats
}

func (p *slowV2) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(p.takes):
		return &row.Outcome{Batch: b, Dispositions: make([]row.Disposition, b.Len())}, nil
	}
}
func (p *slowV2) Describe() processors.Description        { return processors.Description{} }
func (p *slowV2) Partitions() []processors.PartitionStats { return p.stats }
func (p *slowV2) Close() error                            { return nil }

// batchOf makes batch seq, of so many records.
func batchOf(seq, records int) *row.Batch {
	list := make([]row.Record, records)
	for i := range list {
		list[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "in"}, Offset: int64(seq*records + i), Watermark: row.NoWatermark}
	}
	return row.NewBatch(int64(seq), int64(seq*records), list, []*row.Table{nil})
}

func (c *Candidate) unfinished() (queued, inFlight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queue.waiting), len(c.queue.inFlight)
}

func TestAHeldV2FinishesWhatItHasAndTakesNoMoreUntilItIsReleased(t *testing.T) {
	withV2(t, &slowV2{takes: 20 * time.Millisecond}, nil, func(t *testing.T, c *Candidate) {
		c.Offer(batchOf(0, 1))
		synctest.Wait()
		if !c.Hold() || !c.Held() || c.AtRest() {
			t.Error("V2 is held in the middle of a batch: it is not at rest")
		}
		c.Offer(batchOf(1, 1))
		time.Sleep(30 * time.Millisecond)
		if queued, inFlight := c.unfinished(); queued != 1 || inFlight != 0 || !c.AtRest() {
			t.Errorf("held: %d wait, %d in flight, at rest: %v", queued, inFlight, c.AtRest())
		}
		c.Release()
		synctest.Wait()
		if queued, inFlight := c.unfinished(); queued != 0 || inFlight != 1 || c.Held() || c.AtRest() {
			t.Errorf("released: %d wait, %d in flight", queued, inFlight)
		}
	})
}

func TestAHoldEndsByItself(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   time.Duration
	}{
		"after its time":         {nil, holdMost},
		"long before V2's hour":  {func(c *Config) { c.Deadline = 100 * time.Millisecond }, 25 * time.Millisecond},
		"long before V2 is shed": {func(c *Config) { c.ShedAfter = 40 * time.Millisecond }, 10 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			withV2(t, &slowV2{}, c.change, func(t *testing.T, v2 *Candidate) {
				v2.Hold()
				time.Sleep(c.want - time.Nanosecond)
				if !v2.Held() {
					t.Errorf("it ended before %v", c.want)
				}
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				if v2.Held() {
					t.Errorf("it goes on after %v", c.want)
				}
			})
		})
	}
}

func TestAHoldEndsBeforeAnybodyWaitsOrIsShedForIt(t *testing.T) {
	for _, c := range []struct {
		overload Overload
		memory   int64
		most     int // batches that may wait
	}{
		{Shed, 1 << 30, 8}, {Block, 1 << 30, 32}, {Block, 4 * footprint(batchOf(0, 10)), 3},
	} {
		change := func(cfg *Config) { cfg.OnOverload, cfg.Memory = c.overload, c.memory }
		withV2(t, &slowV2{takes: time.Microsecond}, change, func(t *testing.T, v2 *Candidate) {
			v2.Hold()
			for i := range c.most {
				v2.Offer(batchOf(i, 10))
				if !v2.Held() {
					t.Errorf("%s: the hold ended at batch %d, %d may wait", c.overload, i+1, c.most)
				}
			}
			v2.Offer(batchOf(c.most, 10))
			if v2.Held() {
				t.Errorf("%s: %d batches wait, and V2 is held", c.overload, c.most+1)
			}
			if !v2.Attached() {
				t.Errorf("%s: V2 was shed for a hold", c.overload)
			}
		})
	}
}

// TestATimerThatHasFiredDoesNotEndTheNextHold: the function of the first hold's timer gets
// to run only once that hold was released and the next one has begun.
func TestATimerThatHasFiredDoesNotEndTheNextHold(t *testing.T) {
	withV2(t, &slowV2{}, nil, func(t *testing.T, c *Candidate) {
		c.Hold()
		fired := c.hold.end
		c.Release()
		c.Hold()
		fired()
		if !c.Held() {
			t.Error("the timer of the hold before ended this one")
		}
		time.Sleep(holdMost)
		synctest.Wait()
		if c.Held() {
			t.Error("its own timer did not end it")
		}
	})
}

func TestADetachedV2CannotBeHeld(t *testing.T) {
	withV2(t, &slowV2{}, nil, func(t *testing.T, c *Candidate) {
		c.Hold()
		c.detach(Overloaded, ErrNoProgress)
		if c.Held() || c.Hold() || c.AtRest() {
			t.Error("it is held")
		}
	})
}

func TestTheAgeOfABatchLeavesOutWhatItWaitedInAHold(t *testing.T) {
	withV2(t, &slowV2{takes: 10 * time.Millisecond}, nil, func(t *testing.T, c *Candidate) {
		c.Hold()
		time.Sleep(50 * time.Millisecond)
		c.Offer(batchOf(0, 1))
		time.Sleep(100 * time.Millisecond)
		if _, ok := c.Backlog(nil); ok {
			t.Error("a held V2 has a backlog that says something")
		}
		c.Release()
		time.Sleep(4 * time.Millisecond)
		if b, ok := c.Backlog(nil); !ok || b.Age != 4*time.Millisecond {
			t.Errorf("the age is %v (%v), want 4ms", b.Age, ok)
		}
		time.Sleep(time.Second)
		if oldest := c.OldestAge(); oldest != 10*time.Millisecond {
			t.Errorf("the oldest was %v, want 10ms", oldest)
		}
	})
}

func TestTheBacklogIsTheFullestPartitionsAndItsShareOfWhatIsNotRouted(t *testing.T) {
	for _, c := range []struct {
		name  string
		stats []processors.PartitionStats
		want  float64
	}{
		{"V2 does not say", nil, 40},
		{"nothing yet", make([]processors.PartitionStats, 4), 10},
		{"skewed", []processors.PartitionStats{{Records: 90, QueuedRecords: 3}, {Records: 10, QueuedRecords: 30}}, 39},
		{"one is stuck", []processors.PartitionStats{{Records: 90}, {Records: 10, QueuedRecords: 70}}, 74},
	} {
		withV2(t, &slowV2{takes: time.Second}, nil, func(t *testing.T, v2 *Candidate) {
			v2.Offer(batchOf(0, 10)) // in flight
			synctest.Wait()
			for i := 1; i < 5; i++ {
				v2.Offer(batchOf(i, 10))
			}
			if b, ok := v2.Backlog(c.stats); !ok || b.Worst != c.want {
				t.Errorf("%s: %v (%v), want %v", c.name, b.Worst, ok, c.want)
			}
		})
	}
}

func TestTheAgeThatGotV2DetachedIsRemembered(t *testing.T) {
	withV2(t, &slowV2{takes: time.Hour}, nil, func(t *testing.T, c *Candidate) {
		c.Offer(batchOf(0, 1))
		time.Sleep(20 * time.Second)
		if b, ok := c.Backlog(nil); c.Attached() || !ok || b != (Backlog{}) || c.OldestAge() != 10*time.Second {
			t.Errorf("attached %v, backlog %+v, oldest %v", c.Attached(), b, c.OldestAge())
		}
	})
}
