package bench

import (
	"testing"
	"time"
)

// even returns work whose parts take the same time in each batch.
func even(batches, partitions int, decode, route, partition, merge time.Duration) *taskTimes {
	t := &taskTimes{}
	for range batches {
		t.decode, t.route, t.merge = append(t.decode, decode), append(t.route, route), append(t.merge, merge)
		one := make([]time.Duration, partitions)
		for p := range one {
			one[p] = partition
		}
		t.partition = append(t.partition, one)
	}
	return t
}

func TestScheduleByExample(t *testing.T) {
	const ms = time.Millisecond
	skewed := even(10, 2, 0, 0, 1*ms, 0)
	for b := range skewed.partition {
		skewed.partition[b][0] = 3 * ms
	}
	for _, c := range []struct {
		what    string
		times   *taskTimes
		cores   int
		handOff time.Duration
		want    time.Duration
	}{
		{"one core does everything in turn", even(10, 4, 4*ms, 1*ms, 2*ms, 1*ms), 1, 0, 140 * ms},
		{"and is never woken", even(10, 4, 4*ms, 1*ms, 2*ms, 1*ms), 1, ms, 140 * ms},
		{"with nothing but merge to do, the second core sleeps", even(10, 1, 0, 0, 0, 2*ms), 2, ms, 20 * ms},
		{"a second core is woken once and then never rests", even(10, 2, 0, 0, 2*ms, 0), 2, ms, 21 * ms},
		{"two cores share what two partitions do", even(10, 2, 0, 0, 2*ms, 0), 2, 0, 20 * ms},
		{"more cores than partitions are of no use", even(10, 2, 0, 0, 2*ms, 0), 8, 0, 20 * ms},
		{"the router takes one batch after the other", even(10, 8, 0, 3*ms, 0, 0), 8, 0, 30 * ms},
		{"decoders work side by side", even(16, 1, 4*ms, 0, 0, 0), 4, 0, 16 * ms},
		{"the largest partition sets the pace", skewed, 8, 0, 30 * ms},
		{"stages overlap: the slowest one and the way through the others", even(100, 1, 1*ms, 1*ms, 2*ms, 1*ms), 8, 0, 203 * ms},
	} {
		if got := c.times.schedule(c.cores, 8, c.handOff); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
	if got := skewed.largestPartition(); got != 30*ms {
		t.Errorf("the largest partition works for %v", got)
	}
}

func TestAWindowOfOneIsABarrier(t *testing.T) {
	const ms = time.Millisecond
	work := even(2, 2, 0, 0, 1*ms, 0)
	work.partition[0][0], work.partition[1][1] = 5*ms, 5*ms
	if got := work.schedule(2, 1, 0); got != 10*ms {
		t.Errorf("with one batch in flight %v, want 10ms", got)
	}
	if got := work.schedule(2, 2, 0); got != 6*ms {
		t.Errorf("with two %v, want 6ms: each partition has 6ms of work", got)
	}
}
