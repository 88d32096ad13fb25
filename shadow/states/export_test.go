package states

import (
	"parallax/diff"
	"parallax/processors/state"
	"parallax/shadow/evidence"
)

// ProbeWithBlindDigests is Probe with digests that are all equal.
func ProbeWithBlindDigests(entries []state.Entry, s *Stage, m *evidence.Mutation) error {
	by := ownMethods
	by.digest = func([]state.Entry, state.Codec) state.Digest { return state.Digest{} }
	return by.probe(entries, s, m)
}

// ProbeWithBlindKeys is Probe with a search that finds no keys.
func ProbeWithBlindKeys(entries []state.Entry, s *Stage, m *evidence.Mutation) error {
	by := ownMethods
	by.first = func(_, _ Entries, _ *Stage, _ Keeps) ([]diff.StateKey, int64, error) { return nil, 0, nil }
	return by.probe(entries, s, m)
}
