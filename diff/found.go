package diff

// Found is what the comparison of one batch came to, for a check of the comparison itself.
type Found struct {
	// Equal says that both sides' rows are the same in the same order, with nothing
	// tolerated.
	Equal bool
	// Divergences counts all, Visible those of rows, dead letters and dispositions: not
	// what a partition, merge or a count shows beside equal rows.
	Divergences, Visible int64
}

// Last returns what the last Compare found.
func (d *Differ) Last() Found { return d.last }

// beside marks a divergence that rows, dead letters and dispositions do not show.
func beside(found divergence) divergence {
	found.beside = true
	return found
}
