package evidence

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"slices"
)

// Keys is a set of keys that is merged with others without counting a key twice. It keeps
// the keys' hashes up to MostExactKeys, and a HyperLogLog of them beyond. The zero value is
// empty. Its text form is part of the span record.
type Keys struct {
	exact map[uint64]struct{}
	// registers of the HyperLogLog; nil while the set is exact.
	registers []uint8
}

// MostExactKeys is how many keys are counted exactly.
const MostExactKeys = 10_000

// A hash is cut to hashBits: the first indexBits select a register, the position of the
// first 1 of the others is its value.
const (
	hashBits  = 40
	indexBits = 14
	rankBits  = hashBits - indexBits
	registers = 1 << indexBits
)

// Add adds the key of a hash.
func (k *Keys) Add(hash uint64) { k.addShort(mix(hash) >> (64 - hashBits)) }

// mix makes all bits of a hash depend on all of its bits (the finalizer of SplitMix64).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func (k *Keys) addShort(h uint64) {
	if k.registers != nil {
		k.raise(h)
		return
	}
	if k.exact == nil {
		k.exact = map[uint64]struct{}{}
	}
	k.exact[h] = struct{}{}
	if len(k.exact) > MostExactKeys {
		k.estimate()
	}
}

// estimate turns an exact set into a HyperLogLog.
func (k *Keys) estimate() {
	if k.registers != nil {
		return
	}
	k.registers = make([]uint8, registers)
	for h := range k.exact {
		k.raise(h)
	}
	k.exact = nil
}

func (k *Keys) raise(h uint64) {
	rest := h & (1<<rankBits - 1)
	rank := uint8(rankBits - bits.Len64(rest) + 1)
	r := &k.registers[h>>rankBits]
	*r = max(*r, rank)
}

// Merge adds the keys of another set.
func (k *Keys) Merge(o Keys) {
	if o.registers == nil {
		for h := range o.exact {
			k.addShort(h)
		}
		return
	}
	k.estimate()
	for i, r := range o.registers {
		k.registers[i] = max(k.registers[i], r)
	}
}

// Clone returns a copy.
func (k Keys) Clone() (c Keys) {
	c.Merge(k)
	return c
}

// IsExact reports whether the keys are counted exactly, but for keys of equal hashes.
func (k Keys) IsExact() bool { return k.registers == nil }

// Count returns the number of keys: exact, or an estimate with a standard error of 0.8 %.
//
// Source: O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017),
// algorithm 6.
func (k Keys) Count() float64 {
	if k.registers == nil {
		return float64(len(k.exact))
	}
	var counts [rankBits + 2]float64
	for _, r := range k.registers {
		counts[r]++
	}
	const m = float64(registers)
	z := m * tau((m-counts[rankBits+1])/m)
	for i := rankBits; i >= 1; i-- {
		z = (z + counts[i]) / 2
	}
	z += m * sigma(counts[0]/m)
	return m * m / (2 * math.Ln2) / z
}

// AtLeast returns the lower end of the 95 % interval of the number of keys; the number
// itself while it is exact.
func (k Keys) AtLeast() int64 {
	if k.IsExact() {
		return int64(len(k.exact))
	}
	const standardError = 1.04 / (1 << (indexBits / 2))
	return max(MostExactKeys, int64(k.Count()*(1-1.96*standardError)))
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for before := -1.0; z != before; {
		before = z
		x = math.Sqrt(x)
		y /= 2
		z -= (1 - x) * (1 - x) * y
	}
	return z / 3
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for before := -1.0; z != before; {
		before = z
		x *= x
		z += x * y
		y += y
	}
	return z
}

// MarshalText writes the sorted hashes, each as the difference to the one before ("x"), or
// the registers ("h"), in base64.
func (k Keys) MarshalText() ([]byte, error) {
	if k.registers != nil {
		return append([]byte{'h'}, base64.RawStdEncoding.EncodeToString(k.registers)...), nil
	}
	hashes := make([]uint64, 0, len(k.exact))
	for h := range k.exact {
		hashes = append(hashes, h)
	}
	slices.Sort(hashes)
	var deltas []byte
	before := uint64(0)
	for _, h := range hashes {
		deltas = binary.AppendUvarint(deltas, h-before)
		before = h
	}
	return append([]byte{'x'}, base64.RawStdEncoding.EncodeToString(deltas)...), nil
}

var errKeys = errors.New("evidence: this is not a sketch of keys")

// UnmarshalText reads what MarshalText writes.
func (k *Keys) UnmarshalText(text []byte) error {
	*k = Keys{}
	if len(text) == 0 {
		return errKeys
	}
	data, err := base64.RawStdEncoding.DecodeString(string(text[1:]))
	if err != nil {
		return errKeys
	}
	switch text[0] {
	case 'h':
		if len(data) != registers || slices.Max(data) > rankBits+1 {
			return errKeys
		}
		k.registers = data
		return nil
	case 'x':
		h := uint64(0)
		for len(data) > 0 {
			delta, n := binary.Uvarint(data)
			if n <= 0 {
				return errKeys
			}
			data = data[n:]
			if h += delta; h >= 1<<hashBits {
				return errKeys
			}
			k.addShort(h)
		}
		return nil
	}
	return errKeys
}
