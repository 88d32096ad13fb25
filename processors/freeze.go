package processors

import (
	"errors"

	"parallax/processors/state"
)

// Freezer is a Snapshotter that need not stop while its state is copied. Freeze is
// called between two batches. What it returns is the state of that moment, which can be read
// on any goroutine while the processor continues.
type Freezer interface {
	Freeze() (*state.Frozen, error)
}

// ErrNoSnapshot is returned for a processor whose state cannot be copied.
var ErrNoSnapshot = errors.New("its state cannot be copied")

// Freeze fixes a processor's state between two batches. If the processor is not a
// Freezer, its state is copied before Freeze returns.
func Freeze(p Processor) (*state.Frozen, error) {
	if f, ok := p.(Freezer); ok {
		return f.Freeze()
	}
	from, ok := p.(Snapshotter)
	if !ok {
		return nil, ErrNoSnapshot
	}
	s, err := from.Snapshot()
	if err != nil {
		return nil, err
	}
	return s.Freeze(), nil
}

// Restore gives a processor a state, before its first batch.
func Restore(p Processor, s *state.Snapshot) error {
	into, ok := p.(Snapshotter)
	if !ok {
		return errors.New("it cannot restore a state")
	}
	return into.Restore(s)
}
