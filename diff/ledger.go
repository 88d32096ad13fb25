package diff

// Ledger counts the input records by bucket; each record is in exactly one.
type Ledger struct {
	Compared      int64 `json:"compared"`
	Filtered      int64 `json:"filtered"`
	SampledOut    int64 `json:"sampled_out"`
	Shed          int64 `json:"shed"`
	V1Error       int64 `json:"v1_error"`
	V2Error       int64 `json:"v2_error"`
	Undecodable   int64 `json:"undecodable"`
	NotComparable int64 `json:"not_comparable"`
	Pending       int64 `json:"pending"`
	// Gap is the number of consumed records that are in no bucket: anything but 0 is a
	// fault of the tool.
	Gap int64 `json:"gap"`
}

// Records returns the sum of the buckets.
func (l Ledger) Records() int64 {
	return l.Compared + l.Filtered + l.SampledOut + l.Shed + l.V1Error + l.V2Error + l.Undecodable + l.NotComparable + l.Pending
}

// Plus returns the sum of two ledgers.
func (l Ledger) Plus(o Ledger) Ledger {
	return Ledger{
		Compared: l.Compared + o.Compared, Filtered: l.Filtered + o.Filtered, SampledOut: l.SampledOut + o.SampledOut,
		Shed: l.Shed + o.Shed, V1Error: l.V1Error + o.V1Error, V2Error: l.V2Error + o.V2Error,
		Undecodable: l.Undecodable + o.Undecodable, NotComparable: l.NotComparable + o.NotComparable,
		Pending: l.Pending + o.Pending, Gap: l.Gap + o.Gap,
	}
}
