package aggregate

import (
	"math"

	"parallax/processors/exec/form"
)

// appendForm appends the registers that are not 0 one by one, or, where they are not few,
// all of them.
func (h *hyperLogLog) appendForm(dst []byte, _ *tallying) []byte {
	if h.all != nil {
		n := 0
		for _, value := range h.all {
			if value > 0 {
				n++
			}
		}
		return append(form.AppendCount(dst, n), h.all...)
	}
	dst = form.AppendCount(dst, len(h.few))
	before := int64(-1)
	for _, e := range h.few {
		dst = append(form.AppendNext(dst, before, int64(e>>8)), uint8(e))
		before = int64(e >> 8)
	}
	return dst
}

func (h *hyperLogLog) readForm(r *form.Reader, _ *tallying) bool {
	n := r.Count(1)
	if n > registers {
		r.Fail("%d registers of %d", n, registers)
	}
	if n > mostFew && r.Holds(registers) {
		h.all = make([]uint8, registers)
		set := 0
		for i := range h.all {
			if h.all[i] = readRegister(r); h.all[i] > 0 {
				set++
			}
		}
		if set != n {
			r.Fail("%d registers are not 0, and not %d", set, n)
		}
		return true
	}
	before := int64(-1)
	for i := 0; i < n && r.Err() == nil; i++ {
		before = r.Next(before)
		value := readRegister(r)
		if before >= registers || value == 0 {
			r.Fail("register %d has the value %d", before, value)
		}
		h.few = append(h.few, uint32(before)<<8|uint32(value))
	}
	return n > 0
}

func readRegister(r *form.Reader) uint8 {
	value := r.Byte()
	if value > hashBits+1 {
		r.Fail("a register has the value %d", value)
	}
	return value
}

// appendForm appends for each bucket how many values it has, and the least of them, which says
// which bucket it is.
func (q *quantiles) appendForm(dst []byte, _ *tallying) []byte {
	dst = form.AppendCount(dst, len(q.buckets))
	for _, b := range q.buckets {
		dst = form.AppendDouble(form.AppendUint(dst, uint64(b.count)), b.least)
	}
	return dst
}

// bucketBytes is how many bytes the form of a bucket takes at least.
const bucketBytes = 9

func (q *quantiles) readForm(r *form.Reader, _ *tallying) bool {
	n := r.Count(bucketBytes)
	for i := 0; i < n && r.Err() == nil; i++ {
		count, least := r.Number(), r.Double()
		b := bucket{of: bucketOf(least), count: count, least: least}
		switch {
		case count == 0 || q.count+count > math.MaxInt64/2:
			r.Fail("a bucket has %d values, after %d in those before", count, q.count)
		case least == 0 && math.Signbit(least):
			r.Fail("the least value of a bucket is -0")
		case i > 0 && q.buckets[i-1].of >= b.of:
			r.Fail("the buckets are not in order")
		}
		q.buckets, q.count = append(q.buckets, b), q.count+count
	}
	return n > 0
}
