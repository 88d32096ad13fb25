package processortest

import "fmt"

// Check compares a variant's run over a golden's input, in batches of a size (0: all
// records in one), with the file. It returns nil if they agree. The oracle takes no part.
// Check one golden on one goroutine at a time.
func (g *Golden) Check(v Variant, size int) error {
	if size == 0 {
		size = all
	}
	return g.check(v, v, size, func(int) int { return -1 })
}

// CheckMoved is Check for a run in batches of one record whose state is moved, half way,
// from one variant to another.
func (g *Golden) CheckMoved(from, to Variant) error {
	return g.check(from, to, 1, func(batches int) int { return batches / 2 })
}

func (g *Golden) check(from, to Variant, size int, stop func(batches int) int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if g.compiled == nil {
		if g.compiled, err = newCase(g); err != nil {
			return err
		}
	}
	c := g.compiled
	got, err := c.run(from, to, size, stop(len(c.cut[size])))
	if err != nil {
		return err
	}
	return c.checkSections(got)
}
