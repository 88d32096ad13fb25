package states

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/zeebo/xxh3"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/processors/state"
)

const (
	// MostKeys is how many keys of a stage are named, the first ones.
	MostKeys = 10
	// textBytes bounds each of their texts.
	textBytes = 400
)

// Entries calls visit for each entry of one stage, and returns its error or its own. It can be
// called again.
type Entries func(visit func(state.Entry) error) error

// FirstKeys returns the first keys of a stage at which the entries of two states differ, and
// how many entries only one of them has, among those that keeps returns true for. It reads
// the entries of both twice.
func FirstKeys(v1, v2 Entries, s *Stage, keeps Keeps) (keys []diff.StateKey, entries int64, err error) {
	f := finder{stage: s, keeps: keeps, counts: map[xxh3.Uint128]counts{}}
	sides := [...]Entries{diff.V1: v1, diff.V2: v2}
	var first [2][]shown
	for side, list := range sides {
		if err := f.count(list, side); err != nil {
			return nil, 0, err
		}
	}
	for _, n := range f.counts {
		entries += max(n[diff.V1]-n[diff.V2], n[diff.V2]-n[diff.V1])
	}
	for side, list := range sides {
		if first[side], err = f.first(list, side); err != nil {
			return nil, 0, err
		}
	}
	return joined(first[diff.V1], first[diff.V2]), entries, nil
}

// Keeps reports whether an entry of a stage is compared; nil for all.
type Keeps func(e state.Entry) bool

func (k Keeps) has(e state.Entry) bool { return k == nil || k(e) }

// finder looks for entries that only one side has.
type finder struct {
	stage *Stage
	keeps Keeps
	// counts has the number of entries of each side, by the hash of their form.
	counts map[xxh3.Uint128]counts
	form   []byte
}

// counts are numbers by side.
type counts [2]int64

// hash returns the hash of an entry's form.
func (f *finder) hash(e state.Entry) xxh3.Uint128 {
	f.form = f.stage.Codec.Append(f.form[:0], e)
	return xxh3.Hash128(f.form)
}

func (f *finder) count(entries Entries, side int) error {
	return entries(func(e state.Entry) error {
		if f.keeps.has(e) {
			h := f.hash(e)
			n := f.counts[h]
			n[side]++
			f.counts[h] = n
		}
		return nil
	})
}

// shown is an entry as people see it, and how many equal ones each side has.
type shown struct {
	key, text string
	form      string
	counts    counts
}

// textOf returns what a side has of it.
func (s *shown) textOf(side diff.Side) string {
	switch n := s.counts[side]; {
	case n == 0:
		return "(none)"
	case s.counts[diff.V1] > 0 && s.counts[diff.V2] > 0:
		return fmt.Sprintf("%d times: %s", n, s.text)
	}
	return s.text
}

func compareShown(a, b shown) int {
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.text, b.text), cmp.Compare(a.form, b.form))
}

// first returns the entries of which a side has more than the other one, in order, as far as
// they can be among the first keys.
func (f *finder) first(entries Entries, side int) (list []shown, err error) {
	left := map[xxh3.Uint128]int64{}
	for h, n := range f.counts {
		if more := n[side] - n[1-side]; more > 0 {
			left[h] = more
		}
	}
	err = entries(func(e state.Entry) error {
		if !f.keeps.has(e) {
			return nil
		}
		h := f.hash(e)
		if left[h] == 0 {
			return nil
		}
		left[h]--
		s := shown{counts: f.counts[h]}
		s.key, s.text, s.form = f.stage.describe(e, f.form)
		at, _ := slices.BinarySearchFunc(list, s, compareShown)
		if at < MostKeys {
			list = slices.Insert(list, at, s)
			list = list[:min(len(list), MostKeys)]
		}
		return nil
	})
	return list, err
}

// joined puts the entries of one key beside each other.
func joined(one, two []shown) (keys []diff.StateKey) {
	for len(keys) < MostKeys && len(one)+len(two) > 0 {
		var k diff.StateKey
		var a, b *shown
		switch order := compareFirst(one, two); {
		case order < 0:
			a, one = &one[0], one[1:]
		case order > 0:
			b, two = &two[0], two[1:]
		default:
			a, one = &one[0], one[1:]
			b, two = &two[0], two[1:]
		}
		switch {
		case b == nil:
			k = diff.StateKey{Key: a.key, V1: a.textOf(diff.V1), V2: a.textOf(diff.V2)}
		case a == nil:
			k = diff.StateKey{Key: b.key, V1: b.textOf(diff.V1), V2: b.textOf(diff.V2)}
		case a.text == b.text:
			k = diff.StateKey{Key: a.key, V1: withForm(a), V2: withForm(b)}
		default:
			k = diff.StateKey{Key: a.key, V1: a.text, V2: b.text}
		}
		k.Key, k.V1, k.V2 = row.ShortenTo(k.Key, textBytes), row.ShortenTo(k.V1, textBytes), row.ShortenTo(k.V2, textBytes)
		keys = append(keys, k)
	}
	return keys
}

// compareFirst compares the keys of the first entries of both sides.
func compareFirst(one, two []shown) int {
	switch {
	case len(one) == 0:
		return 1
	case len(two) == 0:
		return -1
	}
	return cmp.Compare(one[0].key, two[0].key)
}

// withForm tells entries apart whose texts are the same.
func withForm(s *shown) string {
	return fmt.Sprintf("stored as %s: %s", s.form, s.text)
}
