package state

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"
)

// Digest is the number of the entries of a stage, and the sum, modulo 2^128, of a 128-bit hash of
// each entry's canonical form. It does not depend on the order of the entries.
// Equal states have equal digests. Different states have different digests, except by chance or
// if their entries were chosen to have the same one. The zero Digest is the digest of no entries.
type Digest struct {
	Entries int64
	hi, lo  uint64
}

// Add adds an entry, given its canonical form.
func (d *Digest) Add(form []byte) {
	h := xxh3.Hash128(form)
	d.add(Digest{Entries: 1, hi: h.Hi, lo: h.Lo})
}

// Merge adds the entries of another digest.
func (d *Digest) Merge(o Digest) { d.add(o) }

func (d *Digest) add(o Digest) {
	var carry uint64
	d.Entries += o.Entries
	d.lo, carry = bits.Add64(d.lo, o.lo, 0)
	d.hi, _ = bits.Add64(d.hi, o.hi, carry)
}

// Equal reports whether two digests are the same.
func (d Digest) Equal(o Digest) bool { return d == o }

// String returns the digest as text: "3:" and 32 hexadecimal digits for three entries.
func (d Digest) String() string { return fmt.Sprintf("%d:%016x%016x", d.Entries, d.hi, d.lo) }

// MarshalText returns String, for JSON.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what String wrote.
func (d *Digest) UnmarshalText(text []byte) error {
	entries, sum, _ := strings.Cut(string(text), ":")
	n, err := strconv.ParseInt(entries, 10, 64)
	if err != nil || n < 0 || len(sum) != 32 {
		return fmt.Errorf("invalid digest %q: want the number of entries, a colon and 32 hexadecimal digits", text)
	}
	hi, err := strconv.ParseUint(sum[:16], 16, 64)
	if err == nil {
		var lo uint64
		lo, err = strconv.ParseUint(sum[16:], 16, 64)
		*d = Digest{Entries: n, hi: hi, lo: lo}
	}
	if err != nil {
		return fmt.Errorf("invalid digest %q: %w", text, err)
	}
	return nil
}
