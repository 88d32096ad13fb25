package diff

// NewSignatures returns the signatures that appeared since the previous call, in order of
// appearance, with their current counts.
func (d *Differ) NewSignatures() []Signature {
	var list []Signature
	for _, s := range d.found.fresh {
		if s.Count > 0 {
			list = append(list, s.view())
		}
	}
	clear(d.found.fresh)
	d.found.fresh = d.found.fresh[:0]
	return list
}
