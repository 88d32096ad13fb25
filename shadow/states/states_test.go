package states_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parallax/processors/state"
	"parallax/shadow/evidence"
	"parallax/shadow/states"
)

// entriesOf lists entries, each "key=value".
func entriesOf(list []string) states.Entries {
	return func(visit func(state.Entry) error) error {
		for _, text := range list {
			if err := visit(state.Entry{Hash: uint64(text[0]), State: text}); err != nil {
				return err
			}
		}
		return nil
	}
}

type textCodec struct{}

func (textCodec) Append(dst []byte, e state.Entry) []byte { return append(dst, e.State.(string)...) }

func (textCodec) Read(src []byte) (state.Entry, error) { return state.Entry{State: string(src)}, nil }

func (textCodec) Describe(e state.Entry) (key, text string) {
	key, text, _ = strings.Cut(e.State.(string), "=")
	return key, strings.TrimSuffix(text, "?") // what people do not see
}

var stage = states.Stage{Name: "s", Codec: textCodec{}, Describer: textCodec{}}

func TestTheFirstKeysThatDifferAreNamed(t *testing.T) {
	var many, lacking []string
	for i := range 40 {
		many = append(many, fmt.Sprintf("k%02d=1", i))
		if i%3 == 0 {
			lacking = append(lacking, many[i])
		}
	}
	slices.Reverse(lacking)
	for name, c := range map[string]struct {
		v1, v2  []string
		keeps   states.Keeps
		entries int64
		want    []string
	}{
		"equal in another order": {v1: []string{"a=1", "b=2"}, v2: []string{"b=2", "a=1"}},
		"another value":          {v1: []string{"a=1", "b=2"}, v2: []string{"b=3", "a=1"}, entries: 2, want: []string{"b: 2 | 3"}},
		"one lacks":              {v1: []string{"a=1", "b=2"}, v2: []string{"a=1"}, entries: 1, want: []string{"b: 2 | (none)"}},
		"one stays":              {v1: []string{"a=1"}, v2: []string{"c=1", "a=1", "b=2"}, entries: 2, want: []string{"b: (none) | 2", "c: (none) | 1"}},
		"kept twice":             {v1: []string{"a=1"}, v2: []string{"a=1", "a=1"}, entries: 1, want: []string{"a: 1 times: 1 | 2 times: 1"}},
		"two values of a key":    {v1: []string{"a=1", "a=2"}, v2: []string{"a=3", "a=2"}, entries: 2, want: []string{"a: 1 | 3"}},
		"the same text":          {v1: []string{"a=1"}, v2: []string{"a=1?"}, entries: 2, want: []string{"a: stored as 613d31: 1 | stored as 613d313f: 1"}},
		"another key":            {v1: []string{"b=1"}, v2: []string{"a=1"}, entries: 2, want: []string{"a: (none) | 1", "b: 1 | (none)"}},
		"many": {v1: many, v2: lacking, entries: 26, want: []string{
			"k01: 1 | (none)", "k02: 1 | (none)", "k04: 1 | (none)", "k05: 1 | (none)", "k07: 1 | (none)",
			"k08: 1 | (none)", "k10: 1 | (none)", "k11: 1 | (none)", "k13: 1 | (none)", "k14: 1 | (none)",
		}},
		"outside the sample": {v1: []string{"a=1", "b=2"}, v2: []string{"a=1", "b=3", "c=3"}, keeps: func(e state.Entry) bool { return e.Hash == 'a' }},
		"in the sample":      {v1: []string{"a=1", "b=2"}, v2: []string{"a=2"}, keeps: func(e state.Entry) bool { return e.Hash == 'a' }, entries: 2, want: []string{"a: 1 | 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			keys, entries, err := states.FirstKeys(entriesOf(c.v1), entriesOf(c.v2), &stage, c.keeps)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range keys {
				got = append(got, fmt.Sprintf("%s: %s | %s", k.Key, k.V1, k.V2))
			}
			if entries != c.entries || !slices.Equal(got, c.want) {
				t.Errorf("%d entries, %q, want %d, %q", entries, got, c.entries, c.want)
			}
		})
	}
}

func TestAnErrorOfTheEntriesIsReturned(t *testing.T) {
	oops := errors.New("oops")
	bad := func(func(state.Entry) error) error { return oops }
	if _, _, err := states.FirstKeys(bad, entriesOf(nil), &stage, nil); !errors.Is(err, oops) {
		t.Errorf("V1's: %v", err)
	}
	if _, _, err := states.FirstKeys(entriesOf(nil), bad, &stage, nil); !errors.Is(err, oops) {
		t.Errorf("V2's: %v", err)
	}
}

func frozen(position int64, relays []state.Relay, stages ...[]string) *state.Frozen {
	s := &state.Snapshot{Position: position, Relays: relays}
	for _, list := range stages {
		var entries []state.Entry
		_ = entriesOf(list)(func(e state.Entry) error {
			entries = append(entries, e)
			return nil
		})
		s.Queries = append(s.Queries, entries)
	}
	return s.Freeze()
}

func TestDigestsAreOfTheSampledEntries(t *testing.T) {
	two := []states.Stage{stage, stage}
	of := func(sample states.Sample, lists ...[]string) []state.Digest {
		d, err := states.Digests(frozen(0, nil, lists...), two, sample)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	onlyA := onlyA{}
	a := of(nil, []string{"a=1", "b=1"}, nil)
	if b := of(nil, []string{"b=1", "a=1"}, nil); !slices.Equal(a, b) {
		t.Errorf("%v, and %v in another order", a, b)
	}
	if b := of(nil, []string{"b=2", "a=1"}, nil); slices.Equal(a, b) {
		t.Errorf("%v of different states", a)
	}
	if a, b := of(onlyA, []string{"a=1", "b=1"}, nil), of(onlyA, []string{"a=1", "b=2"}, nil); !slices.Equal(a, b) || a[0].Entries != 1 {
		t.Errorf("%v and %v in the sample", a, b)
	}
	if _, err := states.Digests(frozen(0, nil, nil), two, nil); err == nil {
		t.Error("a stage is missing, and there is no error")
	}
}

func TestClocksAreCompared(t *testing.T) {
	a := frozen(5, []state.Relay{{Next: 1}})
	if keys := states.DifferentClocks(a, frozen(5, []state.Relay{{Next: 1, Rows: []int64{}, Seen: []int64{}}}), nil); len(keys) != 0 {
		t.Errorf("%v", keys)
	}
	b := frozen(6, []state.Relay{{Next: 2}, {}})
	b.Watermark = 7
	var names []string
	for _, k := range states.DifferentClocks(a, b, nil) {
		names = append(names, k.Key)
	}
	if want := []string{"position", "watermark", "relay 0", "relay 1"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	a, b = frozen(5, []state.Relay{{Next: 1}, {Next: 1}}), frozen(5, []state.Relay{{Next: 2}, {Next: 2}})
	if keys := states.DifferentClocks(a, b, onlyA{}); len(keys) != 1 || keys[0].Key != "relay 1" {
		t.Errorf("%v, where the sample leaves out relay 0", keys)
	}
}

// onlyA is a sample of one key, in which relay 0 counts rows.
type onlyA struct{}

func (onlyA) KeepsEntry(_ int, e state.Entry) bool { return e.Hash == 'a' }

func (onlyA) KeepsRelay(i int) bool { return i != 0 }

// panickingDescriber fails.
type panickingDescriber struct{}

func (panickingDescriber) Describe(state.Entry) (key, text string) { panic("no text") }

func TestAChangedEntryIsFound(t *testing.T) {
	entries := func(n int) (list []state.Entry) {
		for i := range n {
			list = append(list, state.Entry{Hash: 7, State: fmt.Sprintf("k%d=%d", i, i)})
		}
		return list
	}
	m := states.NoProbe()
	for _, n := range []int{0, 1, 2, 200} {
		if err := states.Probe(entries(n), &stage, &m); err != nil {
			t.Fatal(err)
		}
	}
	if m.Injected != 3 || m.Detected != 3 || m.Missed != "" || m.Class != "state" {
		t.Errorf("%+v, want 3 of 3 detected", m)
	}
}

func TestABlindComparisonOfStatesIsFoundOut(t *testing.T) {
	for want, probe := range map[string]func([]state.Entry, *states.Stage, *evidence.Mutation) error{
		"the digests are equal": states.ProbeWithBlindDigests,
		"no key is named":       states.ProbeWithBlindKeys,
	} {
		m := states.NoProbe()
		if err := probe([]state.Entry{{State: "a=1"}, {State: "b=2"}}, &stage, &m); err != nil {
			t.Fatal(err)
		}
		if m.Injected != 1 || m.Detected != 0 || m.Missed != "s: one of 2 entries was changed, and "+want {
			t.Errorf("%+v, want %q", m, want)
		}
	}
}

func TestAPanicInTheProbeIsAnError(t *testing.T) {
	wrong := stage
	wrong.Describer = panickingDescriber{}
	m := states.NoProbe()
	err := states.Probe([]state.Entry{{State: "a=1"}}, &wrong, &m)
	if err == nil || !strings.Contains(err.Error(), "check the comparison of states with a changed entry of s") || !strings.Contains(err.Error(), "no text") {
		t.Errorf("%v", err)
	}
}
