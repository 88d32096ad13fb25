package processortest

import "fmt"

// Check says how a variant's run over a golden's input, in batches of a size (0
// takes all), differs from what the file says; nil if it does not. The oracle has
// no part in it.
func (g *Golden) Check(v Variant, size int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if size == 0 {
		size = all
	}
	c, err := newCase(g)
	if err != nil {
		return err
	}
	got, err := c.run(v, v, size, -1)
	if err != nil {
		return err
	}
	return c.checkSections(got)
}
