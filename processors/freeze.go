package processors

import (
	"errors"

	"parallax/processors/state"
)

// Freezer is a Snapshotter that need not stop while its state is copied. Freeze is
// called between two batches. The function that it returns makes the snapshot of that
// moment, once, on any goroutine, while the processor continues.
type Freezer interface {
	Freeze() (func() *state.Snapshot, error)
}

// ErrNoSnapshot is returned for a processor whose state cannot be copied.
var ErrNoSnapshot = errors.New("its state cannot be copied")

// Freeze fixes a processor's state between two batches. If the processor is not a
// Freezer, its state is copied before Freeze returns.
func Freeze(p Processor) (func() *state.Snapshot, error) {
	if f, ok := p.(Freezer); ok {
		return f.Freeze()
	}
	from, ok := p.(Snapshotter)
	if !ok {
		return nil, ErrNoSnapshot
	}
	s, err := from.Snapshot()
	return func() *state.Snapshot { return s }, err
}
