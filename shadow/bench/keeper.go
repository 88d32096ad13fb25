package bench

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/state"
	"parallax/shadow/checkpoint"
	"parallax/shadow/ingest"
	"parallax/shadow/states"
)

// keeper stores V1's state at an interval in a temporary directory, as a job does.
type keeper struct {
	interval time.Duration
	dir      string
	writer   *checkpoint.Writer
	begun    time.Time
	written  sync.WaitGroup

	mu  sync.Mutex
	err error
}

func newKeeper(p *plan.Plan, interval time.Duration) (*keeper, error) {
	path, err := os.MkdirTemp("", "parallax-bench-state-")
	if err != nil {
		return nil, err
	}
	k := &keeper{interval: interval, dir: path, begun: time.Now()}
	codecs, err := exec.Codecs(p)
	if err == nil {
		var dir *checkpoint.Dir
		if dir, err = checkpoint.OpenDir(path); err == nil {
			k.writer, err = checkpoint.NewWriter(dir, codecs, checkpoint.Options{Keep: 2, Rate: checkpoint.DefaultConfig().Rate})
		}
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return k, nil
}

// IsDue reports whether the interval has passed and no state is being stored.
func (k *keeper) IsDue() bool { return time.Since(k.begun) >= k.interval && !k.writer.IsBusy() }

// errNotCompared says that no V2's state is compared with one that was stored.
var errNotCompared = errors.New("the benchmark compares no states")

// Keep stores a state on a goroutine.
func (k *keeper) Keep(ctx context.Context, f *state.Frozen, done func(states.Stored, error)) {
	k.begun = time.Now()
	k.written.Go(func() { k.fail(k.store(ctx, f)) })
	done(nil, errNotCompared)
}

// KeepNow stores nothing: the states before the first batch and after the last one cost no
// batch anything.
func (k *keeper) KeepNow(context.Context, *state.Frozen, bool) (states.Stored, error) {
	return nil, nil
}

// Forget leaves the directory to close.
func (k *keeper) Forget() error { return nil }

func (k *keeper) store(ctx context.Context, f *state.Frozen) error {
	m := &checkpoint.Manifest{Job: "bench", Task: "all", Place: ingest.Place{Position: f.Position}}
	if err := k.writer.Write(ctx, f, m); err != nil {
		return err
	}
	return k.writer.Publish(m)
}

func (k *keeper) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = errors.Join(k.err, err)
}

// close waits for the state that is being stored, and returns what went wrong.
func (k *keeper) close() error {
	k.written.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	return errors.Join(k.err, os.RemoveAll(k.dir))
}
