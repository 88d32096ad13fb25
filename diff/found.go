package diff

// Found summarises the comparison of one batch, for a check of the comparison itself.
type Found struct {
	// Equal: both sides' rows are equal and in the same order, without tolerance.
	Equal bool
	// Divergences counts all divergences, Visible those of rows, dead letters and
	// dispositions. The others concern partitions, merge or counts while the rows are
	// equal.
	Divergences, Visible int64
	// Tombstones is how many of V1's rows are deletions.
	Tombstones int64
}

// Last returns the findings of the last Compare.
func (d *Differ) Last() Found { return d.last }

// Latest returns the signatures of the divergences that were found since the last call, each once
// and without what follows from its counts.
func (d *Differ) Latest() (list []Signature) {
	for _, s := range d.found.latest {
		s.isLatest = false
		list = append(list, *s)
	}
	d.found.latest = d.found.latest[:0]
	return list
}

// beside marks a divergence that rows, dead letters and dispositions do not show.
func beside(found divergence) divergence {
	found.beside = true
	return found
}
