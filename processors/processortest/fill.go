package processortest

import "fmt"

// Fill writes the oracle's results into the golden's sections.
func Fill(g *Golden) error {
	c, err := newCase(g)
	if err != nil {
		return err
	}
	r, err := c.run(Oracle, Oracle, all, -1)
	if err != nil {
		return fmt.Errorf("%s: %w", g.File, err)
	}
	g.Output, g.Undecodable, g.DeadLetters = r.Output, r.Undecodable, r.DeadLetters
	if g.hasDispositions {
		g.Dispositions = r.Dispositions
	}
	return nil
}
