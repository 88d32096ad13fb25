package diff

// ends is the state that the levels about final rows, E5 and E6, need of one output. It is updated
// only for batches that differ: equal batches do not change it. The zero value is an output
// without rows.
type ends struct {
	// apart is how many identities have different last rows now, windows that are closed
	// excluded.
	apart int64
	// closed are the identities whose window has closed while both sides were compared, and
	// closedApart those of them whose last rows were different.
	closed, closedApart int64
}

// setApart records whether the last rows of an identity differ.
func (id *identity) setApart(apart bool) {
	if id.apart == apart {
		return
	}
	id.apart = apart
	if apart {
		id.key.Data.of.ends.apart++
	} else {
		id.key.Data.of.ends.apart--
	}
}

// close takes an identity whose window has closed. Where V2 was away it is not known which
// row it would have shown last, so such a window says nothing.
func (e *ends) close(id *identity, judged bool) {
	if judged {
		e.closed++
		if id.apart {
			e.closedApart++
		}
	}
	id.setApart(false)
}

// holdsE5 reports whether closed windows have the same final rows; false where none has
// closed.
func (e *ends) holdsE5() bool { return e.closed > 0 && e.closedApart == 0 }

// holdsE6 reports whether the table is the same now, with the windows that have closed.
func (e *ends) holdsE6() bool { return e.apart+e.closedApart == 0 }
