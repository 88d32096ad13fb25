package diff

import (
	"cmp"
	"slices"
)

// list returns the signatures, the one that explains most first: those with a
// hypothesis that leads, then the others; among each those with more roots first, then
// the more frequent ones.
func (f *findings) list() []Signature {
	out := make([]Signature, 0, len(f.bySignature))
	unexplained := int64(0) // the most roots of a signature without a hypothesis
	for _, s := range f.bySignature {
		v := s.view()
		if v.Hypothesis == "" {
			unexplained = max(unexplained, v.Roots)
		}
		out = append(out, v)
	}
	leads := func(s *Signature) bool { return s.leads(unexplained) }
	slices.SortFunc(out, func(a, b Signature) int {
		return cmp.Or(
			cmp.Compare(rankOf(leads(&a)), rankOf(leads(&b))),
			cmp.Compare(b.Roots, a.Roots), cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID),
		)
	})
	return out
}

// minShare is what part of the most roots that no hypothesis explains a signature must
// have as its count to lead: a hypothesis that fits a few of many divergences fits them
// by chance.
const minShare = 4

// leads reports whether the signature explains what went wrong: it has a hypothesis and
// is not rare beside what has none.
func (s *Signature) leads(unexplainedRoots int64) bool {
	return s.Hypothesis != "" && minShare*s.Count >= unexplainedRoots
}

func rankOf(leads bool) int {
	if leads {
		return 0
	}
	return 1
}
