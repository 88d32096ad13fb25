package bench

import (
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// partitionEncoders encode the rows of each of V2's partitions on the partition's
// goroutine.
type partitionEncoders []partitionEncoder

type partitionEncoder struct {
	encoders   []*codec.Encoder
	key, value []byte
	out        output
	_          [64]byte // padding against false sharing between partitions
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

// encode is an After hook.
func (all partitionEncoders) encode(partition, _ int, _ *row.Batch, changes []row.Change) {
	p := &all[partition]
	p.key, p.value = encode(p.encoders, changes, p.key, p.value, &p.out)
}

// sum adds the outputs of all partitions.
func (all partitionEncoders) sum(out *output) {
	for i := range all {
		out.add(&all[i].out)
	}
}
