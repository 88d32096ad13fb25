package job

import (
	"iter"

	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/state"
	"parallax/shadow/checkpoint"
	"parallax/shadow/redaction"
	"parallax/shadow/states"
)

// states says how V2's states are compared with V1's at checkpoints.
func (j *Job) states() *states.Plan {
	p := &states.Plan{Stages: func() ([]states.Stage, error) { return redactedStages(j.Plan, j.redaction) }, Sample: j.SampleStates}
	if j.redaction != nil {
		p.ErrorText = j.redaction.ReplaceError
	}
	return p
}

// redactedStages returns what is needed to compare the stages of a plan, of whose entries only
// what is not redacted is shown.
func redactedStages(p *plan.Plan, r *redaction.Redaction) ([]states.Stage, error) {
	list, err := states.Of(p)
	for i := range list {
		hidden := r.OfStage(i)
		if hidden.Key {
			list[i].RedactKey = r.Replace
		}
		if hidden.Contents {
			list[i].RedactText = r.Replace
		}
	}
	return list, err
}

// whyNoStates says why a job without checkpoints has none.
func (j *Job) whyNoStates() string {
	if !j.State.Enabled {
		return "state is off, so there are no checkpoints"
	}
	return "no query of the script has state"
}

// storedState is a checkpoint, as the comparison of states sees it.
type storedState struct {
	dir      *checkpoint.Dir
	manifest *checkpoint.Manifest
	plan     *plan.Plan
	// sampled are the digests of the entries that are compared; nil where all are.
	sampled []state.Digest
	// release lets the writer delete the checkpoint when it is old.
	release func()
}

// observed returns what the checkpoint of a state will be, and the state to write.
func (c *checkpoints) observed(f *state.Frozen, m *checkpoint.Manifest) (*storedState, *state.Frozen, error) {
	s := &storedState{dir: c.dir, manifest: m, plan: c.job.Plan}
	sample := c.job.SampleStates
	if sample == nil || !c.job.hasV2() {
		return s, f, nil
	}
	codecs, err := exec.Codecs(c.job.Plan)
	if err != nil {
		return nil, nil, err
	}
	s.sampled = make([]state.Digest, len(f.Stages))
	own := *f
	own.Stages = nil
	for i, entries := range f.Stages {
		own.Stages = append(own.Stages, digested(entries, func(e state.Entry) bool { return sample.KeepsEntry(i, e) }, codecs[i], &s.sampled[i]))
	}
	return s, &own, nil
}

// digested lists entries, and sums up those that are in the sample.
func digested(entries iter.Seq[state.Entry], keeps states.Keeps, codec state.Codec, d *state.Digest) iter.Seq[state.Entry] {
	return func(yield func(state.Entry) bool) {
		var form []byte
		*d = state.Digest{}
		for e := range entries {
			if keeps(e) {
				form = codec.Append(form[:0], e)
				d.Add(form)
			}
			if !yield(e) {
				return
			}
		}
	}
}

// Digests has an element for each stage.
func (s *storedState) Digests() []state.Digest {
	if s.sampled != nil {
		return s.sampled
	}
	var list []state.Digest
	for i := range s.manifest.Stages {
		list = append(list, s.manifest.Stages[i].Digest)
	}
	return list
}

// Release lets the checkpoint be deleted when it is old.
func (s *storedState) Release() { s.release() }

// Entries reads those of a stage from its file.
func (s *storedState) Entries(stage int) states.Entries {
	return func(visit func(state.Entry) error) error {
		codec, err := exec.NewCodec(s.plan.Stages[stage])
		if err != nil {
			return err
		}
		return checkpoint.ReadStage(s.dir, s.manifest, stage, codec, visit)
	}
}
