package diff

// Succeeded says that a new V2, with other partitions, takes over from the next batch on.
// equal says that it starts with V1's state: then the differences of its predecessor are
// forgotten, and each identity starts with both sides equal, whatever V1 has shown
// meanwhile.
func (d *Differ) Succeeded(equal bool) {
	clear(d.emitting)
	if !equal { // rescaled: its router is another one
		d.opt.PartitionOf = nil
	}
	d.ids.all(func(id *identity) {
		id.partition, id.misrouted, id.parts = -1, false, nil
		if equal {
			id.tainted, id.hasty = false, false
			id.last[V2] = id.last[V1]
		}
	})
}
