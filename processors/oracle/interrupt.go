package oracle

// interrupt tells the loops of a batch that its context has ended. They end then, and
// what the batch has made, and the oracle's state, are of no use any more.
type interrupt struct {
	err   func() error // of the context
	steps int
	ended bool
}

// patience is how many steps there are between two looks at the context.
const patience = 64

// isDue reports whether the loop that asks is to end. It is asked once a step.
func (i *interrupt) isDue() bool {
	if i.steps++; i.steps%patience == 0 && !i.ended {
		i.ended = i.err() != nil
	}
	return i.ended
}
