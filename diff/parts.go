package diff

import (
	"math/big"
	"slices"

	"parallax/processors/row"
)

// notePart stores V2's latest values of an identity by partition, once rows of it have come
// from several partitions.
func (g *group) notePart(c *row.Change) {
	if g.id == nil || !g.id.misrouted {
		return
	}
	if g.id.parts == nil {
		g.id.parts = map[int32][]row.Value{}
	}
	g.id.parts[c.Partition] = slices.Clone(c.Values)
}

// partsAddUp decides whether the latest values of several of V2's partitions add up to V1's
// value, in a column in which each differs from it: then a group was split. It cannot
// decide before there is a value of the partition from which the identity first came.
func partsAddUp(id *identity, one *row.Change) fit {
	if _, complete := id.parts[id.partition]; !complete {
		return cannotTell
	}
	for i, v := range one.Values {
		want, ok := number(v)
		if !ok || want.Sign() == 0 {
			continue
		}
		sum, differs := new(big.Rat), true
		for _, part := range id.parts {
			if i >= len(part) {
				return doesNotFit
			}
			n, ok := number(part[i])
			if !ok {
				differs = false
				break
			}
			differs = differs && n.Cmp(want) != 0
			sum.Add(sum, n)
		}
		if differs && sum.Cmp(want) == 0 {
			return fitsSurely
		}
	}
	return doesNotFit
}
