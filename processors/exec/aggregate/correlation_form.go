package aggregate

import "parallax/processors/exec/form"

// appendForm appends the pairs where they are kept: everything else is computed from them.
func (c *correlation) appendForm(dst []byte, _ *tallying) []byte {
	if !c.ordered {
		if dst = form.AppendUint(dst, uint64(c.n)); c.n == 0 {
			return dst
		}
		for _, f := range []float64{c.meanX, c.meanY, c.xx, c.yy, c.xy} {
			dst = form.AppendDouble(dst, f)
		}
		return dst
	}
	dst = form.AppendCount(dst, len(c.pairs))
	before := int64(-1)
	for _, p := range c.pairs {
		dst = form.AppendDouble(form.AppendDouble(form.AppendNext(dst, before, p.place), p.x), p.y)
		before = p.place
	}
	return dst
}

// pairBytes is how many bytes the form of a pair takes at least.
const pairBytes = 17

func (c *correlation) readForm(r *form.Reader, _ *tallying) bool {
	if !c.ordered {
		const mostWhole = 1 << 53 // counts beyond it are not whole DOUBLEs
		n := r.Number()
		if n > mostWhole {
			r.Fail("%d pairs are too many", n)
		}
		if c.n = float64(n); n > 0 {
			c.meanX, c.meanY, c.xx, c.yy, c.xy = r.Double(), r.Double(), r.Double(), r.Double(), r.Double()
		}
		return n > 0
	}
	n := r.Count(pairBytes)
	before := int64(-1)
	var pairs []pair
	for i := 0; i < n && r.Err() == nil; i++ {
		before = r.Next(before)
		pairs = append(pairs, pair{before, r.Double(), r.Double()})
	}
	c.again(pairs)
	return n > 0
}
