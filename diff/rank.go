package diff

import (
	"cmp"
	"slices"
)

// list returns the signatures in the order of SortSignatures.
func (f *findings) list() []Signature {
	out := make([]Signature, 0, len(f.bySignature))
	for _, s := range f.bySignature {
		out = append(out, s.view())
	}
	SortSignatures(out)
	return out
}

// SortSignatures sorts signatures, best explanation first: those with a leading hypothesis,
// then the others; within each group those with more roots first, then the more frequent
// ones.
func SortSignatures(list []Signature) {
	unexplained := int64(0) // the most roots of a signature without a hypothesis
	for i := range list {
		if list[i].Hypothesis == "" {
			unexplained = max(unexplained, list[i].Roots)
		}
	}
	leads := func(s *Signature) bool { return s.leads(unexplained) }
	slices.SortFunc(list, func(a, b Signature) int {
		return cmp.Or(
			cmp.Compare(rankOf(leads(&a)), rankOf(leads(&b))),
			cmp.Compare(b.Roots, a.Roots), cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID),
		)
	})
}

// minShare is the divisor for the smallest count of a leading signature, relative to the
// largest number of roots without a hypothesis: a hypothesis that fits few of many
// divergences fits by chance.
const minShare = 4

// leads reports whether the signature explains the failure: it has a hypothesis and is not
// rare compared with divergences without one.
func (s *Signature) leads(unexplainedRoots int64) bool {
	return s.Hypothesis != "" && minShare*s.Count >= unexplainedRoots
}

func rankOf(leads bool) int {
	if leads {
		return 0
	}
	return 1
}
