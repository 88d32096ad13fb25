package aggregate

import (
	"math"
	"math/bits"
	"slices"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// hyperLogLog estimates how many different values there were from their hashes,
// which are the same in every process: the first twelve bits of one choose a
// register, which has the largest number, from 1, of the first bit that is set
// among the others. Nothing in it depends on the order of the values.
type hyperLogLog struct {
	// few are the registers that are not 0 while they are few: number and value, in
	// order. After that all has every one.
	few []uint32
	all []uint8
}

const (
	registerBits = 12
	registers    = 1 << registerBits
	// hashBits is the number of bits of the hash that a register uses.
	hashBits = 64 - registerBits
	mostFew  = registers / 8
)

func approxCountDistinct(*plan.AggregateCall, bool) tallied {
	return tallied{
		keeps: "registers",
		make:  func() Tally { return &hyperLogLog{} },
		result: func(t Tally) (row.Value, expression.Flaw) {
			return row.NewBigint(t.(*hyperLogLog).estimate()), expression.Sound
		},
	}
}

func (h *hyperLogLog) add(_ int64, values []row.Value) {
	hash := row.Hash(values)
	h.raise(uint32(hash>>hashBits), uint8(bits.LeadingZeros64(hash<<registerBits|1<<(registerBits-1)))+1)
}

// raise makes a register no less than a value.
func (h *hyperLogLog) raise(register uint32, value uint8) {
	if h.all != nil {
		h.all[register] = max(h.all[register], value)
		return
	}
	entry := register<<8 | uint32(value)
	i, _ := slices.BinarySearch(h.few, register<<8)
	switch {
	case i < len(h.few) && h.few[i]>>8 == register:
		h.few[i] = max(h.few[i], entry)
	case len(h.few) < mostFew:
		h.few = slices.Insert(h.few, i, entry)
	default:
		h.all = make([]uint8, registers)
		for _, e := range h.few {
			h.all[e>>8] = uint8(e)
		}
		h.few = nil
		h.raise(register, value)
	}
}

func (h *hyperLogLog) merge(other Tally) {
	o := other.(*hyperLogLog)
	for _, e := range o.few {
		h.raise(e>>8, uint8(e))
	}
	for i, value := range o.all {
		if value > 0 {
			h.raise(uint32(i), value)
		}
	}
}

func (h *hyperLogLog) clone() Tally {
	return &hyperLogLog{few: slices.Clone(h.few), all: slices.Clone(h.all)}
}

// estimate is Ertl's improved raw estimator, which has no bias to be corrected and
// no ranges to be switched between.
func (h *hyperLogLog) estimate() int64 {
	var with [hashBits + 2]float64 // registers of each value
	with[0] = float64(registers - len(h.few))
	for _, e := range h.few {
		with[uint8(e)]++
	}
	if h.all != nil {
		with[0] = 0
		for _, value := range h.all {
			with[value]++
		}
	}
	z := registers * tau(1-with[hashBits+1]/registers)
	for k := hashBits; k >= 1; k-- {
		z = 0.5 * (z + with[k])
	}
	z += registers * sigma(with[0]/registers)
	return int64(math.Round(registers * registers / (2 * math.Ln2 * z)))
}

// sigma is x + x^2 + 2*x^4 + 4*x^8 and so on.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	for y, z := 1.0, x; ; y += y {
		x *= x
		before := z
		z += float64(x * y)
		if z == before {
			return z
		}
	}
}

// tau is a third of 1 - x - (1-x^(1/2))^2/2 - (1-x^(1/4))^2/4 and so on.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	for y, z := 1.0, 1-x; ; {
		x = math.Sqrt(x)
		before := z
		y /= 2
		z -= float64(float64((1-x)*(1-x)) * y)
		if z == before {
			return z / 3
		}
	}
}
