package processors

import (
	"errors"

	"parallax/processors/state"
)

// Freezer is a Snapshotter that need not stop for as long as the copy takes. Freeze
// is called between two batches; what it returns makes the snapshot of that moment,
// once, on any goroutine, while the processor goes on.
type Freezer interface {
	Freeze() (func() *state.Snapshot, error)
}

// ErrNoSnapshot is why a processor's state cannot be had.
var ErrNoSnapshot = errors.New("its state cannot be copied")

// Freeze fixes a processor's state between two batches, as fast as it can: one that
// is no Freezer is copied at once.
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
