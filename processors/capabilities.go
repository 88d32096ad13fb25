package processors

// Capabilities say what an arm provides besides its rows. What an arm does not provide is
// not compared, which limits the level of equivalence that a run can show.
type Capabilities struct {
	// Cause: each row names the record that caused it. Without it a row may belong to an
	// earlier batch than the one that it arrives in.
	Cause bool
	// Dispositions: the arm reports the disposition of each record.
	Dispositions bool
	// Order: rows arrive in the total order. Without it only the rows of one key are
	// ordered.
	Order bool
	// PortableState: the state can be copied into another processor of the same plan, as
	// a Snapshotter's can.
	PortableState bool
}

// Declarer is a Processor that declares its capabilities. A processor that does not
// implement Declarer provides causes, dispositions and order, as V1 and V2 do.
type Declarer interface {
	Capabilities() Capabilities
}

// CapabilitiesOf returns the capabilities of a processor.
func CapabilitiesOf(p Processor) Capabilities {
	if d, ok := p.(Declarer); ok {
		return d.Capabilities()
	}
	_, portable := p.(Snapshotter)
	return Capabilities{Cause: true, Dispositions: true, Order: true, PortableState: portable}
}
