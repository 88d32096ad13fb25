package faults

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestFaultsAreReadWithTheirRange(t *testing.T) {
	for _, c := range []struct {
		in, out  string
		from, to int64
	}{
		{"split-key", "split-key", 1, math.MaxInt64},
		{" Split-Key ", "split-key", 1, math.MaxInt64},
		{"duplicate@1", "duplicate", 1, math.MaxInt64},
		{"duplicate@5000", "duplicate@5000", 5000, math.MaxInt64},
		{"conflate@100-200", "conflate@100-200", 100, 200},
		{"conflate@7-7", "conflate@7-7", 7, 7},
		{"echo", "echo", 1, math.MaxInt64},
	} {
		f, err := Parse(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if f.From != c.from || f.To != c.to || f.String() != c.out {
			t.Errorf("%q: got %s from %d to %d, want %s from %d to %d", c.in, f, f.From, f.To, c.out, c.from, c.to)
		}
	}
}

func TestRangesThatMeanNothingAreRefused(t *testing.T) {
	for _, in := range []string{"panic@", "panic@0", "panic@-5", "panic@x", "panic@5-", "panic@5-x", "panic@9-5", "panic@+1", "panic@1-2-3", "echo@5"} {
		if f, err := Parse(in); err == nil {
			t.Errorf("%q was taken as %s", in, f)
		}
	}
}

func TestAnUnknownFaultSuggestsTheNearest(t *testing.T) {
	for in, want := range map[string]string{
		"splitkey":   "did you mean split-key?",
		"re-emit":    "did you mean reemit?",
		"duplicates": "did you mean duplicate?",
		"tail":       "there are split-key, over-split",
		"xyzzyxyzzy": `no such fault: "xyzzyxyzzy" (there are`,
		"":           "no such fault",
	} {
		_, err := Parse(in)
		if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q in it", in, err, want)
		}
	}
}

// known are the ways in which partitioned jobs have gone wrong that the comparison
// has to find.
var known = []string{
	"split-key", "over-split", "distinct-split", "limit-split", "null-key", "batch-drop", "partition-drop", "tail-drop", "duplicate",
	"late-refire", "reemit", "conflate", "impossible-value", "interleave", "key-reorder", "local-watermark", "early-close",
	"session-global", "boundary", "state-reset", "stale-restore", "float-order", "int-as-float", "scale", "tombstone-lost", "swallow-error", "hang", "slow", "panic",
	"memory", "echo", "silent", "lose-keys", "overwrite", "swap-outputs", "lose-dead-letters",
}

func TestTheCatalogueIsComplete(t *testing.T) {
	for _, name := range known {
		if !slices.Contains(Names(), name) {
			t.Errorf("%s is not there", name)
		}
	}
	seen := map[string]bool{}
	for _, k := range Catalogue() {
		if seen[k.Name] {
			t.Errorf("%s is there twice", k.Name)
		}
		seen[k.Name] = true
		ways := 0
		for _, is := range []bool{k.inside != nil, k.after != nil, k.make != nil} {
			if is {
				ways++
			}
		}
		if k.Summary == "" || ways != 1 {
			t.Errorf("%s: summary %q, %d ways to inject it", k.Name, k.Summary, ways)
		}
		if wrong := k.Code == fail && len(k.Classes) == 0; wrong || k.Code != fail && k.Code != inconclusive {
			t.Errorf("%s: exit code %d with the classes %v", k.Name, k.Code, k.Classes)
		}
	}
}
