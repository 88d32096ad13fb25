package states

import (
	"fmt"
	"strconv"

	"parallax/diff"
	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/state"
)

// Stage describes a stage of a plan for the comparison. It is used by one goroutine
// at a time.
type Stage struct {
	// Name is the stage's name, Topic the topic of its query's output.
	Name, Topic string
	Codec       state.Codec
	Describer   state.Describer
	// RedactKey and RedactText return what is shown of an entry's key, and of what it holds; nil
	// for all of it.
	RedactKey, RedactText func(string) string
}

// describe returns what is shown of an entry: its key, what it holds, and its form.
func (s *Stage) describe(e state.Entry, form []byte) (key, text, shownForm string) {
	key, text = s.Describer.Describe(e)
	shownForm = fmt.Sprintf("%x", form)
	if s.RedactKey != nil {
		key = s.RedactKey(key)
	}
	if s.RedactText != nil {
		text = s.RedactText(text)
	}
	switch {
	case s.RedactText != nil:
		shownForm = s.RedactText(shownForm)
	case s.RedactKey != nil:
		shownForm = s.RedactKey(shownForm)
	}
	return key, text, shownForm
}

// Of returns what is needed to compare the stages of a plan.
func Of(p *plan.Plan) (list []Stage, err error) {
	for _, q := range p.Stages {
		s := Stage{Name: q.Sink.Name, Topic: p.Queries[q.Index].Sink.Topic}
		if s.Codec, err = exec.NewCodec(q); err != nil {
			return nil, err
		}
		if s.Describer, err = exec.NewDescriber(q); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// Sample chooses what is compared; nil for all. Any goroutine may call it.
type Sample interface {
	// KeepsEntry reports whether an entry of a stage is compared.
	KeepsEntry(stage int, e state.Entry) bool
	// KeepsRelay reports whether relay i is compared.
	KeepsRelay(i int) bool
}

// keepsEntry reports whether a sample, which may be nil, has an entry.
func keepsEntry(s Sample, stage int, e state.Entry) bool { return s == nil || s.KeepsEntry(stage, e) }

// Digests returns the digest of each stage's entries.
func Digests(f *state.Frozen, stages []Stage, sample Sample) ([]state.Digest, error) {
	if len(f.Stages) != len(stages) {
		return nil, fmt.Errorf("the state has %d stages, and the plan %d", len(f.Stages), len(stages))
	}
	digests := make([]state.Digest, len(stages))
	var form []byte
	for i, entries := range f.Stages {
		for e := range entries {
			if keepsEntry(sample, i, e) {
				form = stages[i].Codec.Append(form[:0], e)
				digests[i].Add(form)
			}
		}
	}
	return digests, nil
}

// ClocksName is the name under which DifferentClocks are reported.
const ClocksName = "position and clock"

// DifferentClocks compares how far two processors have come: position, watermark, and the
// relays of stages that follow others. It returns those that differ. It does not look at
// entries, nor at relays that the sample, which may be nil, leaves out.
func DifferentClocks(ofControl, ofCandidate *state.Frozen, sample Sample) (keys []diff.StateKey) {
	add := func(key, one, two string) {
		if one != two {
			keys = append(keys, diff.StateKey{Key: key, V1: one, V2: two})
		}
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	add("position", number(ofControl.Position), number(ofCandidate.Position))
	add("watermark", number(ofControl.Watermark), number(ofCandidate.Watermark))
	for i := range max(len(ofControl.Relays), len(ofCandidate.Relays)) {
		if sample != nil && len(ofControl.Relays) == len(ofCandidate.Relays) && !sample.KeepsRelay(i) {
			continue
		}
		add(fmt.Sprintf("relay %d", i), relayText(ofControl.Relays, i), relayText(ofCandidate.Relays, i))
	}
	return keys
}

func relayText(list []state.Relay, i int) string {
	if i >= len(list) {
		return ""
	}
	r := list[i]
	// %v writes a list that is nil as an empty one, which it is equal to.
	return fmt.Sprintf("next %d, watermark %d, now %d, rows %v, seen %v", r.Next, r.Watermark, r.Now, r.Rows, r.Seen)
}
