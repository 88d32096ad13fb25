package candidate

import (
	"fmt"
	"time"

	"parallax/shadow/host"
)

// Config is the job file's `v2:`, as far as the runner acts on it.
type Config struct {
	// Deadline is how long V2 may make no progress on its oldest unfinished batch before
	// it is detached as failed.
	Deadline time.Duration `koanf:"deadline"`
	// Memory, in bytes, bounds what V2 holds, which is estimated from the growth of the
	// heap. Under on_overload: shed, what waits for V2 is bounded by half of it, and at
	// most 128 MiB. The default is 1 GiB, but at most an eighth of the container's memory.
	Memory int64 `koanf:"memory" unit:"bytes"`
	// ShedAfter is how long V2's queue may stay full before V2 is detached, under
	// on_overload: shed.
	ShedAfter time.Duration `koanf:"shed_after"`
	// SpareCPU is how many CPUs must be idle while V1 always has a next batch: with fewer
	// for shed_after, V2 is detached, under on_overload: shed. 0 turns this off.
	SpareCPU float64 `koanf:"spare_cpu"`
	// Queue is how many batches may wait for V2 before its queue is full.
	Queue int `koanf:"queue"`
	// OnOverload says what happens when V2's queue is full: shed detaches V2 and V1 never
	// waits; block makes V1 wait, at most for deadline, so that every record is compared.
	OnOverload Overload `koanf:"on_overload"`
	// Backpressure slows the source down, under on_overload: block.
	Backpressure Backpressure `koanf:"backpressure"`
	// Isolated also measures each path alone, after a bounded run, on the run's latest
	// batches.
	Isolated bool `koanf:"isolated"`
	// Reseed starts a detached V2 again, with a copy of V1's state.
	Reseed bool `koanf:"reseed"`
	// ReseedAfter is how long after its detachment V2 is started again. The wait doubles
	// each time that V2 does not last, up to reseed_max.
	ReseedAfter time.Duration `koanf:"reseed_after"`
	// ReseedMax is the longest wait before V2 is started again. After a V2 has run that
	// long, the wait starts at reseed_after again.
	ReseedMax time.Duration `koanf:"reseed_max"`
	// MaxAbandoned is how many detached V2s may still run before V2 stays off until the job
	// restarts.
	MaxAbandoned int `koanf:"max_abandoned"`
}

// Overload says who yields when V2 cannot keep up.
type Overload string

// Shed detaches V2 and V1 never waits. Block compares every record: V1 waits,
// but no longer than V2's deadline.
const (
	Shed  Overload = "shed"
	Block Overload = "block"
)

// Default returns the defaults of a live run.
func Default() Config {
	return Config{
		Deadline: 10 * time.Second, Memory: defaultMemory(host.MemoryLimit()), ShedAfter: time.Second, SpareCPU: 0.1, Queue: 16, OnOverload: Shed,
		Backpressure: DefaultBackpressure(),
		Reseed:       true, ReseedAfter: time.Second, ReseedMax: time.Minute, MaxAbandoned: 3,
	}
}

// defaultMemory is the default of v2.memory in a process whose control group may hold
// limit bytes, 0 for no limit: 1 GiB, but no more than an eighth of the limit.
func defaultMemory(limit int64) int64 {
	const usual, share = 1 << 30, 8
	if limit <= 0 {
		return usual
	}
	return max(1, min(usual, limit/share))
}

// Validate names the field and the value that cannot be run.
func (c Config) Validate() error {
	switch {
	case c.Deadline <= 0:
		return fmt.Errorf("v2.deadline: %v must be greater than 0", c.Deadline)
	case c.Memory <= 0:
		return fmt.Errorf("v2.memory: %d must be greater than 0", c.Memory)
	case c.ShedAfter <= 0:
		return fmt.Errorf("v2.shed_after: %v must be greater than 0", c.ShedAfter)
	case !(c.SpareCPU >= 0):
		return fmt.Errorf("v2.spare_cpu: %v must not be negative", c.SpareCPU)
	case c.Queue <= 0:
		return fmt.Errorf("v2.queue: %d must be greater than 0", c.Queue)
	case c.ReseedAfter <= 0:
		return fmt.Errorf("v2.reseed_after: %v must be greater than 0", c.ReseedAfter)
	case c.ReseedMax < c.ReseedAfter:
		return fmt.Errorf("v2.reseed_max: %v must not be shorter than v2.reseed_after (%v)", c.ReseedMax, c.ReseedAfter)
	case c.MaxAbandoned <= 0:
		return fmt.Errorf("v2.max_abandoned: %d must be greater than 0; use v2.reseed: false for a V2 that never comes back", c.MaxAbandoned)
	case c.OnOverload != Shed && c.OnOverload != Block:
		return fmt.Errorf("v2.on_overload: %q must be shed or block", string(c.OnOverload))
	}
	return c.Backpressure.Validate()
}
