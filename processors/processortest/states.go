package processortest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/processortest/generate"
	"parallax/processors/row"
	"parallax/processors/state"
)

// States runs random scripts over random records, in random batches. After each batch it
// compares the digests of each variant's state with those of the first variant's, and so those
// of a processor of the first variant that was restored from bytes after the batch before. A
// state of which one entry is missing or changed must have other digests. again is the command
// that runs a seed again, with %d for the seed.
func States(t *testing.T, again string, seeds []uint64, variants ...Variant) {
	t.Helper()
	forSeeds(seeds, func(seed uint64) {
		for _, g := range RandomGoldens(seed) {
			if difference := compareStates(g, seed, variants); difference != "" {
				t.Errorf("seed %d:\n%s\n%s\nagain: %s", seed, g.Format(), difference, fmt.Sprintf(again, seed))
			}
		}
	})
}

// RandomGoldens returns the scripts of a seed, without expectations: one that is generated, and one
// of the shapes.
func RandomGoldens(seed uint64) []*Golden {
	list := []*Golden{golden(generate.New(seed))}
	if g, err := newShape(seed); err == nil {
		list = append(list, g)
	}
	return list
}

// compareStates returns the first difference of states, "" for none. A script that is refused
// tests nothing: Metamorphic counts those.
func compareStates(g *Golden, seed uint64, variants []Variant) (difference string) {
	defer func() {
		if p := recover(); p != nil {
			difference = fmt.Sprintf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	rng := rand.New(rand.NewPCG(seed, 3))
	c, err := compileCase(g)
	if err != nil {
		return ""
	}
	batches, err := ReadBatches(c.plan, c.lines, 1+rng.IntN(8), c.flush)
	if err != nil {
		return ""
	}
	s := &stateTrial{plan: c.plan, opt: c.opt, rng: rng}
	defer s.close()
	if err := s.run(batches, variants); err != nil {
		return err.Error()
	}
	return ""
}

// stateTrial runs one script with all variants.
type stateTrial struct {
	plan   *plan.Plan
	opt    processors.Options
	rng    *rand.Rand
	codecs []state.Codec
	// all has a processor of each variant. The others are compared with the first one.
	all []processors.Processor
	// restored is of the first variant and was restored after the batch before.
	restored processors.Processor
	// before has the form of an earlier entry of each stage.
	before map[int][]byte
}

func (s *stateTrial) close() {
	for _, p := range append(s.all, s.restored) {
		if p != nil {
			_ = p.Close()
		}
	}
}

func (s *stateTrial) run(batches []*row.Batch, variants []Variant) (err error) {
	if s.codecs, err = exec.Codecs(s.plan); err != nil {
		return err
	}
	for _, v := range variants {
		p, err := v.New(s.plan, s.opt)
		if err != nil {
			return err
		}
		s.all = append(s.all, p)
	}
	for i, b := range batches {
		if err := s.step(b, variants); err != nil {
			return fmt.Errorf("after batch %d of %d: %w", i, len(batches), err)
		}
	}
	return nil
}

func (s *stateTrial) step(b *row.Batch, variants []Variant) error {
	var first *state.Snapshot
	for i, p := range append(slices.Clone(s.all), s.restored) {
		if p == nil {
			continue
		}
		o, err := p.Process(context.Background(), b)
		if err != nil {
			return err
		}
		o.Release()
		snapshot, err := p.(processors.Snapshotter).Snapshot()
		if err != nil {
			return err
		}
		if i == 0 {
			first = snapshot
			continue
		}
		name := variants[0].Name + " that was restored"
		if i < len(variants) {
			name = variants[i].Name
		}
		if d := s.difference(first, snapshot, variants[0].Name, name); d != "" {
			return fmt.Errorf("the states of %s and %s differ: %s", variants[0].Name, name, d)
		}
	}
	if err := s.sensitive(first); err != nil {
		return err
	}
	return s.restore(first, variants[0])
}

// restore replaces s.restored by a processor that is restored from the bytes of a state.
func (s *stateTrial) restore(from *state.Snapshot, v Variant) error {
	stored, err := Stored(s.codecs, from)
	if err != nil {
		return err
	}
	if s.restored != nil {
		if err := s.restored.Close(); err != nil {
			return err
		}
	}
	if s.restored, err = v.New(s.plan, s.opt); err != nil {
		return err
	}
	return s.restored.(processors.Snapshotter).Restore(stored)
}

// difference returns where the digests of two states differ, with some entries that only one
// of them has.
func (s *stateTrial) difference(a, b *state.Snapshot, nameA, nameB string) string {
	if a.Position != b.Position || a.Watermark != b.Watermark || fmt.Sprint(a.Relays) != fmt.Sprint(b.Relays) {
		return fmt.Sprintf("%s is at position %d and watermark %d, with the relays %v, and %s at %d and %d, with %v", nameA, a.Position, a.Watermark, a.Relays, nameB, b.Position, b.Watermark, b.Relays)
	}
	of, other := Digests(s.codecs, a), Digests(s.codecs, b)
	for i := range of {
		if of[i].Equal(other[i]) {
			continue
		}
		onlyA, onlyB := s.onlyIn(i, a, b), s.onlyIn(i, b, a)
		return fmt.Sprintf("stage %d (%s) has the digests %s and %s\nonly %s has\n%s\nonly %s has\n%s",
			i, s.plan.Stages[i].Sink.Name, of[i], other[i], nameA, strings.Join(onlyA, "\n"), nameB, strings.Join(onlyB, "\n"))
	}
	return ""
}

func (s *stateTrial) onlyIn(stage int, a, b *state.Snapshot) (list []string) {
	there := map[string]bool{}
	for _, e := range b.Queries[stage] {
		there[string(s.codecs[stage].Append(nil, e))] = true
	}
	for _, e := range a.Queries[stage] {
		if form := s.codecs[stage].Append(nil, e); !there[string(form)] && len(list) < 3 {
			list = append(list, fmt.Sprintf("%q", form))
		}
	}
	return list
}

// sensitive checks that the digest changes if one entry is missing, or replaced by an earlier
// one.
func (s *stateTrial) sensitive(of *state.Snapshot) error {
	if s.before == nil {
		s.before = map[int][]byte{}
	}
	for i, entries := range of.Queries {
		if len(entries) == 0 {
			continue
		}
		at := s.rng.IntN(len(entries))
		var all, missing, changed state.Digest
		for k, e := range entries {
			form := s.codecs[i].Append(nil, e)
			all.Add(form)
			if k != at {
				missing.Add(form)
				changed.Add(form)
				continue
			}
			old := s.before[i]
			if slices.Equal(old, form) {
				old = nil
			}
			changed.Add(old)
			s.before[i] = form
		}
		if all.Equal(missing) || all.Equal(changed) {
			return fmt.Errorf("stage %d: the digest does not depend on entry %d", i, at)
		}
	}
	return nil
}
