package oracle

// interrupt stops the loops of a batch after its context has ended. The batch's results and
// the oracle's state are then incomplete and must not be used.
type interrupt struct {
	err   func() error // of the context
	steps int
	ended bool
}

// patience is the number of steps between two checks of the context.
const patience = 64

// isDue reports whether the loop that asks is to end. It is asked once a step.
func (i *interrupt) isDue() bool {
	if i.steps++; i.steps%patience == 0 && !i.ended {
		i.ended = i.err() != nil
	}
	return i.ended
}
