package evidence

// Emission says how the rows of verified stages, a canary and promoted, went out.
type Emission struct {
	// RowsOfV2 are rows that were emitted with V2's values.
	RowsOfV2 int64 `json:"v2_rows"`
	// Fallbacks counts the episodes in which batches were emitted as V1 made them, because V2 did
	// not finish in time.
	Fallbacks int64 `json:"fallbacks"`
	// Waits is how long batches waited for V2 after V1 had finished, in ns.
	Waits Histogram `json:"waits_ns"`
}

// Merge adds what was emitted in another time.
func (e *Emission) Merge(o Emission) {
	e.RowsOfV2 += o.RowsOfV2
	e.Fallbacks += o.Fallbacks
	e.Waits.Merge(o.Waits)
}

// Known returns a copy, nil where no batch of a verified stage went out.
func (e Emission) Known() *Emission {
	if e.RowsOfV2 == 0 && e.Fallbacks == 0 && e.Waits.Count() == 0 {
		return nil
	}
	var c Emission
	c.Merge(e)
	return &c
}

// mergeEmission adds what was emitted in another part of a run; both may be nil.
func mergeEmission(a, b *Emission) *Emission {
	var sum Emission
	for _, e := range []*Emission{a, b} {
		if e != nil {
			sum.Merge(*e)
		}
	}
	return sum.Known()
}
