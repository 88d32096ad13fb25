package host

import (
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestASmallHeapMayGrowByTheSlackAndALargeOneAsUsual(t *testing.T) {
	for _, c := range []struct {
		live, slack int64
		want        int
	}{
		{live: 32 << 20, slack: 256 << 20, want: 800},
		{live: 256 << 20, slack: 256 << 20, want: 100},
		{live: 4 << 30, slack: 256 << 20, want: 100},
		{live: 0, slack: 256 << 20, want: 6400}, // nothing was collected yet
	} {
		if got := percentFor(c.live, c.slack); got != c.want {
			t.Errorf("%d MiB live, %d MiB slack: %d %%, want %d", c.live>>20, c.slack>>20, got, c.want)
		}
	}
}

func TestTheSlackIsASmallPartOfWhatTheProcessAndV2MayHold(t *testing.T) {
	for _, c := range []struct{ limit, v2, want int64 }{
		{0, 1 << 30, HeapSlack}, {512 << 20, 1 << 30, 64 << 20}, {16 << 30, 1 << 30, HeapSlack}, {0, 64 << 20, 16 << 20},
	} {
		if got := slackWithin(c.limit, c.v2); got != c.want {
			t.Errorf("of %d MiB, V2 %d MiB: %d MiB, want %d", c.limit>>20, c.v2>>20, got>>20, c.want>>20)
		}
	}
}

// TestTheCollectorsPaceIsAsBeforeOnceTheLastJobIsOver also shows that jobs in one process
// share the slack.
func TestTheCollectorsPaceIsAsBeforeOnceTheLastJobIsOver(t *testing.T) {
	t.Setenv("GOGC", "") // puts it back afterwards
	os.Unsetenv("GOGC")
	runtime.GC() // the pace depends on the live heap, including what other tests left
	const before = 137
	defer debug.SetGCPercent(debug.SetGCPercent(before))
	percent := func() int {
		p := debug.SetGCPercent(-1)
		debug.SetGCPercent(p)
		return p
	}
	one, two := TakeSlack(1<<30), TakeSlack(1<<30)
	if got := percent(); got <= before {
		t.Errorf("%d %% while two jobs run", got)
	}
	one()
	if got := percent(); got <= before {
		t.Errorf("%d %% while one job runs", got)
	}
	two()
	if got := percent(); got != before {
		t.Errorf("%d %% afterwards, want %d", got, before)
	}
}
