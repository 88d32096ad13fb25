package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// chunkKeys are the group keys of a chunk's records, as words. Of columns as they
// are no tuples are made, unless one is asked for.
type chunkKeys struct {
	parts []keyPart
	// plain says that all parts are columns as they are.
	plain  bool
	stride int // words of a key
	words  []uint64
	// long says that a text in the chunk is longer than its words hold.
	long bool
	// tuples are the records' keys where they are computed; else there is room for
	// one.
	tuples []row.Value
}

func newChunkKeys(exprs []plan.Expr) (chunkKeys, error) {
	parts, err := compileKey(exprs)
	k := chunkKeys{parts: parts, plain: true, stride: row.KeyWords * len(parts)}
	for _, p := range parts {
		k.plain = k.plain && p.column >= 0
	}
	k.words = make([]uint64, k.stride*chunkSize)
	k.tuples = make([]row.Value, len(parts)*chunkSize)
	return k, err
}

// of returns the words of record k's key.
func (k *chunkKeys) of(i int) []uint64 { return k.words[i*k.stride:][:k.stride] }

// tuple returns record i's key, until the next call.
func (k *chunkKeys) tuple(n *expression.Env, c *chunk, i int) []row.Value {
	own := k.tuples[i*len(k.parts):][:len(k.parts)]
	if k.plain {
		for j, p := range k.parts {
			own[j] = n.Table.Columns[p.column].Value(int(c.rows[i]))
		}
	}
	return own
}

func (k *chunkKeys) move(to, from int) {
	copy(k.of(to), k.of(from))
	n := len(k.parts)
	copy(k.tuples[to*n:][:n], k.tuples[from*n:][:n])
}

// identify computes the keys of a chunk's records, and their hashes where they are
// not known.
func (a *aggregation) identify(hashed bool) {
	c, keys := &a.chunk, &a.groupBy
	keys.long = false
	if c.n == 0 {
		return
	}
	if !keys.plain {
		a.computeKeys(hashed)
		return
	}
	hashes := c.hashes[:c.n]
	if hashed {
		hashes = nil
	}
	row.StartHashes(hashes)
	for j, p := range keys.parts {
		column := a.input.Table.Columns[p.column]
		keys.long = column.Words(keys.words[j*row.KeyWords:], keys.stride, hashes, c.rows[:c.n]) || keys.long
	}
	row.EndHashes(hashes)
}

// computeKeys is identify where there are expressions. What fails is NULL.
func (a *aggregation) computeKeys(hashed bool) {
	c, keys := &a.chunk, &a.groupBy
	n := len(keys.parts)
	for k := range c.n {
		a.input.At(int(c.records[k]))
		own := keys.tuples[k*n:][:n]
		for j := range keys.parts {
			v, err := keys.parts[j].f(&a.input)
			if err != nil {
				v = row.Value{}
				a.fail(k, err, 1)
			}
			own[j] = v
		}
		keys.long = row.Words(keys.of(k), own) || keys.long
		if !hashed {
			c.hashes[k] = row.HashWords(keys.of(k))
		}
	}
}
