package candidate

import (
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"

	"parallax/processors"
	"parallax/shadow/arm"
)

// compared is a Listener and a Comparison: everything is compared at once, but for what
// behind says.
type compared struct {
	t      *testing.T
	mu     sync.Mutex
	behind int
	done   []Finished
	left   []Detachment
}

func (c *compared) Queued(int) {}

func (c *compared) Finished(f Finished) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = append(c.done, f)
}

func (c *compared) Detached(d Detachment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = append(c.left, d)
}

func (c *compared) Returned()          {}
func (c *compared) DidNotReturn(int64) {}
func (c *compared) Broken(err error)   { c.t.Error(err) }

func (c *compared) Backlog() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.behind
}

func (c *compared) HeldBytes() int64 { return 0 }
func (c *compared) IsAtRest() bool   { return c.Backlog() == 0 }
func (c *compared) WaitBelow(int)    {}

// withV2 runs a test with a candidate in fake time.
func withV2(t *testing.T, p processors.Processor, change func(*Config), test func(*testing.T, *Candidate)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := Default()
		if change != nil {
			change(&cfg)
		}
		c := Start(t.Context(), p, optionsOf(cfg, &compared{t: t}))
		test(t, c)
		c.Finish()
	})
}

func optionsOf(cfg Config, with *compared) Options {
	return Options{Config: cfg, Handover: arm.NewHandover(nil, false, processors.CapabilitiesOf(&slowV2{})), Listener: with, Comparison: with, Log: slog.New(slog.DiscardHandler)}
}
