package emission

import (
	"math/bits"

	"github.com/zeebo/xxh3"

	"parallax/processors/row"
	"parallax/shadow/stage"
)

// Choice chooses the output keys of which a canary emits V2's rows. A key that is chosen at a
// percentage is chosen at every larger one, in every query, and after every restart.
type Choice struct{ salt uint64 }

// NewChoice returns the choice that a salt makes.
func NewChoice(salt string) Choice { return Choice{xxh3.HashString(salt)} }

// IsChosen reports whether a key is among a percentage of all keys; hash is its row.Hash.
func (c Choice) IsChosen(hash uint64, percent float64) bool {
	const odd, whole = 0x9e3779b97f4a7c15, 1 << 53
	hi, lo := bits.Mul64(hash^c.salt, odd)
	return float64((hi^lo)>>11) < percent/100*whole
}

// isOfV2 reports whether a stage emits V2's row in the place of a row of V1.
func (c Choice) isOfV2(at stage.Stage, one *row.Change) bool {
	switch at.Kind {
	case stage.Promoted:
		return true
	case stage.Canary:
		return len(one.Key) > 0 && c.IsChosen(hashOf(one), at.Percent)
	}
	return false
}

// hashOf is the hash of a key of V1. It is kept with a key that occurs often, as a sampler keeps
// it; no verified stage has a sample.
func hashOf(one *row.Change) uint64 {
	w := one.Written
	if w == nil {
		return row.Hash(one.Key)
	}
	if w.Hash == 0 {
		w.Hash = row.Hash(one.Key)
	}
	return w.Hash
}
