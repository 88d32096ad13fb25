package diff

// Found summarises the comparison of one batch, for a check of the comparison itself.
type Found struct {
	// Equal says that both sides' rows are the same in the same order, without tolerance.
	Equal bool
	// Divergences counts all divergences, Visible those of rows, dead letters and
	// dispositions: the others are of a partition, merge or count beside equal rows.
	Divergences, Visible int64
}

// Last returns the findings of the last Compare.
func (d *Differ) Last() Found { return d.last }

// beside marks a divergence that rows, dead letters and dispositions do not show.
func beside(found divergence) divergence {
	found.beside = true
	return found
}
