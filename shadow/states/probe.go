package states

import (
	"bytes"
	"fmt"
	"runtime/debug"

	"parallax/diff"
	"parallax/processors/state"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
)

// probeEntries is how many entries of a stage are compared with a changed copy of them, and
// probeBytes is about how many bytes they have at most.
const (
	probeEntries = 200
	probeBytes   = 1 << 20
)

// NoProbe is the count before a state was probed.
func NoProbe() evidence.Mutation {
	return evidence.Mutation{Name: "state entry", Class: string(diff.StateClass)}
}

// firstEntries returns the first entries of a stage that are compared.
func firstEntries(f *state.Frozen, i int, s *Stage, sample Sample) (list []state.Entry) {
	var form []byte
	bytes := 0
	for e := range f.Stages[i] {
		if !keepsEntry(sample, i, e) {
			continue
		}
		list, form = append(list, e), s.Codec.Append(form[:0], e)
		if bytes += len(form); len(list) == probeEntries || bytes >= probeBytes {
			break
		}
	}
	return list
}

// methods are how states are compared.
type methods struct {
	digest func(entries []state.Entry, codec state.Codec) state.Digest
	first  func(v1, v2 Entries, s *Stage, keeps Keeps) ([]diff.StateKey, int64, error)
}

var ownMethods = methods{digestOf, FirstKeys}

// Probe compares some entries of a stage with a copy of them in which one is changed, as the
// states are compared, and adds to m whether that was found. Without entries it does nothing.
// An error means a bug in Parallax other than a change that was missed.
func Probe(entries []state.Entry, s *Stage, m *evidence.Mutation) error {
	return ownMethods.probe(entries, s, m)
}

func (by methods) probe(entries []state.Entry, s *Stage, m *evidence.Mutation) (err error) {
	if len(entries) == 0 {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("check the comparison of states with a changed entry of %s: %w", s.Name, &guard.PanicError{Value: p, Stack: debug.Stack()})
		}
	}()
	at := len(entries) / 2
	changed := withChange(entries, at, s.Codec)
	m.Injected++
	what := ""
	if by.digest(entries, s.Codec).Equal(by.digest(changed, s.Codec)) {
		what = "the digests are equal"
	}
	keys, n, err := by.first(over(entries), over(changed), s, nil)
	if err != nil {
		return fmt.Errorf("check the comparison of states with a changed entry of %s: %w", s.Name, err)
	}
	if what == "" && (n == 0 || len(keys) == 0) {
		what = "no key is named"
	}
	if what == "" {
		m.Detected++
	} else if m.Missed == "" {
		m.Missed = fmt.Sprintf("%s: one of %d entries was changed, and %s", s.Name, len(entries), what)
	}
	return nil
}

// withChange returns a copy of entries of which one is changed by a bit of its form. Where no
// bit can be changed, because the form would not be one, the entry is left out.
func withChange(entries []state.Entry, at int, codec state.Codec) []state.Entry {
	list := append([]state.Entry(nil), entries[:at]...)
	form := codec.Append(nil, entries[at])
	for i := len(form) - 1; i >= max(0, len(form)-mostChanges); i-- {
		other := bytes.Clone(form)
		other[i] ^= 1
		e, err := codec.Read(other)
		if err != nil || !bytes.Equal(codec.Append(nil, e), other) {
			continue
		}
		list = append(list, state.Entry{Hash: entries[at].Hash, Partition: entries[at].Partition, State: e.State})
		break
	}
	return append(list, entries[at+1:]...)
}

// mostChanges is how many bytes of a form are tried.
const mostChanges = 64

func digestOf(entries []state.Entry, codec state.Codec) (d state.Digest) {
	var form []byte
	for _, e := range entries {
		form = codec.Append(form[:0], e)
		d.Add(form)
	}
	return d
}

func over(entries []state.Entry) Entries {
	return func(visit func(state.Entry) error) error {
		for _, e := range entries {
			if err := visit(e); err != nil {
				return err
			}
		}
		return nil
	}
}
