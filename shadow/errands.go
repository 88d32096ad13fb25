package shadow

import (
	"context"
	"fmt"
	"sync"
)

// errands are what other goroutines ask the runner's to do between two batches, also while no
// batch comes. The zero value has none.
type errands struct {
	mu   sync.Mutex
	list []func(ctx context.Context)
	// wake ends what the runner's goroutine waits for input in; isAwake says that it has to look.
	wake    context.CancelFunc
	awake   context.Context
	isAwake bool
}

// add asks for something. It must not wait for anything but the state of the control.
func (e *errands) add(do func(ctx context.Context)) {
	e.mu.Lock()
	e.list = append(e.list, do)
	e.mu.Unlock()
	e.rouse()
}

// run does what was asked for. It is called by the runner's goroutine.
func (e *errands) run(ctx context.Context) {
	for {
		e.mu.Lock()
		if len(e.list) == 0 {
			e.mu.Unlock()
			return
		}
		do := e.list[0]
		e.list = e.list[1:]
		e.mu.Unlock()
		do(ctx)
	}
}

// rouse has the runner's goroutine look, also while it waits for input.
func (e *errands) rouse() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.isAwake = true
	if e.wake != nil {
		e.wake()
	}
}

// renew returns the context to wait for input in, until rouse. It is called by the runner's
// goroutine, before it looks.
func (e *errands) renew(ctx context.Context) context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.wake == nil || e.isAwake {
		if e.wake != nil {
			e.wake()
		}
		e.awake, e.wake = context.WithCancel(ctx)
		e.isAwake = false
	}
	return e.awake
}

// await waits for the answer of something that the runner's goroutine was asked for: not longer
// than ctx, and not beyond the end of the run, which is an error of the kind that is given.
func (r *Runner) await(ctx context.Context, done <-chan error, kind error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-r.ended:
	}
	select {
	case err := <-done: // before the end
		return err
	default:
		return fmt.Errorf("%w: %w", kind, ErrRunHasEnded)
	}
}
