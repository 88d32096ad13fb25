package diff

import (
	"math/big"
	"slices"

	"parallax/processors/row"
)

// notePart keeps V2's latest values of an identity by partition, once it has come from
// several of them.
func (g *group) notePart(c *row.Change) {
	if g.id == nil || !g.id.misrouted {
		return
	}
	if g.id.parts == nil {
		g.id.parts = map[int32][]row.Value{}
	}
	g.id.parts[c.Partition] = slices.Clone(c.Values)
}

// partsAddUp tells whether the latest values of several of V2's partitions add up to
// V1's, in a column in which they differ from it: a group that was split. That cannot be
// told before there is a value of the partition that the identity first came from.
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
