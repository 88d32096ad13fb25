package diff

// Succeeded records that a new V2, with other partitions, takes over with the next batch.
// equal: it starts with V1's state. Then the differences of its predecessor are forgotten,
// and both sides of each identity start equal, even if V1 has emitted rows meanwhile.
func (d *Differ) Succeeded(equal bool) {
	clear(d.emitting)
	if !equal { // after a rescaling its router differs
		d.opt.PartitionOf = nil
	}
	d.ids.all(func(id *identity) {
		id.partition, id.misrouted, id.parts = -1, false, nil
		if equal {
			id.tainted, id.isEarly = false, false
			id.last[V2] = id.last[V1]
			id.setApart(false)
		}
	})
}
