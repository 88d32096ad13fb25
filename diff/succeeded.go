package diff

// Succeeded says that V2 is another one from the next batch on, whose partitions
// are other ones. equal says that it has V1's state: then it owes nothing to the
// one before, and each identity begins with both sides the same, whatever V1
// showed meanwhile.
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
