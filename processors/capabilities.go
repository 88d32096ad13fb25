package processors

// Capabilities are what an arm gives beside its rows. What an arm does not give is not
// compared, which limits the level of equivalence that a run can hold.
type Capabilities struct {
	// Cause: each row names the record that caused it. Without it a row may belong to
	// an earlier batch than the one it comes in.
	Cause bool
	// Dispositions: it says of each record what became of it.
	Dispositions bool
	// Order: its rows are in the total order. Without it only the rows of one key are in
	// order.
	Order bool
	// PortableState: its state can be copied into another processor of the same plan, as
	// a Snapshotter's can.
	PortableState bool
}

// Declarer is a Processor that says what it gives. One that is no Declarer gives causes,
// dispositions and order, as V1 and V2 do.
type Declarer interface {
	Capabilities() Capabilities
}

// CapabilitiesOf returns what a processor gives.
func CapabilitiesOf(p Processor) Capabilities {
	if d, ok := p.(Declarer); ok {
		return d.Capabilities()
	}
	_, portable := p.(Snapshotter)
	return Capabilities{Cause: true, Dispositions: true, Order: true, PortableState: portable}
}
