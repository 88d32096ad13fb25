package document

import (
	"bytes"
	"slices"

	"parallax/diff"
)

// Brief returns the JSON of the report without examples and other long parts. The next report
// compares itself with it, and receivers get it.
func (d *Document) Brief() ([]byte, error) {
	b := *d
	b.Summary.Signatures = slices.Clone(d.Summary.Signatures)
	for i := range b.Summary.Signatures {
		s := &b.Summary.Signatures[i]
		s.Example, s.Latest, s.Largest, s.HypothesisText = diff.Example{}, nil, nil, d.firstHypothesis(i)
	}
	b.Summary.Tolerated = slices.Clone(d.Summary.Tolerated)
	for i := range b.Summary.Tolerated {
		b.Summary.Tolerated[i].Example, b.Summary.Tolerated[i].Latest = nil, nil
	}
	b.Verdict.Signatures, b.Stretch.Timeline, b.Stretch.Sightings, b.Summary.Offsets, b.Verdict.Offsets = nil, nil, nil, nil, nil
	var text bytes.Buffer
	err := b.JSON(&text)
	return text.Bytes(), err
}

// firstHypothesis is the hypothesis of the first signature, which the headline quotes.
func (d *Document) firstHypothesis(i int) string {
	if i > 0 {
		return ""
	}
	return d.Summary.Signatures[i].HypothesisText
}
