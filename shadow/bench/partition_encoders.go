package bench

import (
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// partitionEncoders encode the rows of each of V2's partitions on the
// partition's own goroutine.
type partitionEncoders []partitionEncoder

type partitionEncoder struct {
	encoders   []*codec.Encoder
	key, value []byte
	out        output
	_          [64]byte // partitions write side by side: not into one cache line
}

func (q *query) partitionEncoders(n int, check bool) (partitionEncoders, error) {
	all := make(partitionEncoders, n)
	for i := range all {
		var err error
		if all[i].encoders, err = q.encoders(); err != nil {
			return nil, err
		}
		all[i].out.check = check
	}
	return all, nil
}

// encode is a V2's After.
func (all partitionEncoders) encode(partition, _ int, _ *row.Batch, changes []row.Change) {
	p := &all[partition]
	p.key, p.value = encode(p.encoders, changes, p.key, p.value, &p.out)
}

// sum adds up what the partitions encoded.
func (all partitionEncoders) sum(out *output) {
	for i := range all {
		out.add(&all[i].out)
	}
}
