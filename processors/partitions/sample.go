package partitions

import (
	"errors"
	"fmt"
	"math"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/recycle"
	"parallax/processors/row"
	"parallax/processors/state"
)

// ErrSample is the error for a plan that cannot be compared on a sample of its keys.
var ErrSample = errors.New("cannot be sampled by key")

// Sampler chooses a percentage of the keys of each query, by hash. The choice for a key
// is the same for the whole run and in every process, so that the state of the chosen
// keys is complete. A Sampler is not safe for concurrent use.
type Sampler struct {
	below uint64 // a key is in if its hash is below
	// stages has an element for each stage of the plan, takers one for each use of a
	// topic's records.
	stages []sampledStage
	takers []sampledTaker
	// relayed are the stages that read other stages' rows. wholeOutputs are the queries, by
	// index, whose rows are made of all records.
	relayed      []int
	wholeOutputs []bool
	hashes       []uint64
}

// sampledStage is a sampleStage with the hashes of its keys, by side, for its own batches.
type sampledStage struct {
	sampleStage
	hashes []hashRecords
}

// sampledTaker is a sampleTaker with the hash of its key, for the topics' batches; nil where
// it has none.
type sampledTaker struct {
	sampleTaker
	hash hashRecords
}

type hashRecords func(dst []uint64, b *row.Batch)

// NewSampler returns a Sampler of percent of the keys, above 0 and below 100. If the rows
// of a part of the keys cannot be made of a part of the records, the error is an ErrSample
// with the reason.
func NewSampler(p *plan.Plan, percent float64) (*Sampler, error) {
	if !(percent > 0 && percent < 100) {
		return nil, fmt.Errorf("%v percent of the keys: must be above 0 and below 100", percent)
	}
	of, err := newSamplePlan(p)
	if err != nil {
		return nil, err
	}
	s := &Sampler{below: uint64(percent / 100 * math.MaxUint64), wholeOutputs: make([]bool, len(p.Queries))}
	for _, stage := range of.stages {
		own := sampledStage{sampleStage: stage}
		for side, source := range stage.Sides() {
			hash, err := hashOf(stage.Query, by(stage.Query, side), source)
			if err != nil {
				return nil, err
			}
			own.hashes = append(own.hashes, hash)
		}
		s.stages = append(s.stages, own)
		if stage.Inputs != nil {
			s.relayed = append(s.relayed, stage.Stage)
		}
		if stage.complete && !stage.Hidden {
			s.wholeOutputs[stage.Index] = true
		}
	}
	for _, t := range of.takers {
		hash, err := hashOf(of.stages[t.stage].Query, t.by, t.source)
		if err != nil {
			return nil, err
		}
		s.takers = append(s.takers, sampledTaker{t, hash})
	}
	return s, nil
}

// hashOf compiles the hash of a key; nil for none.
func hashOf(q *plan.Query, by []plan.Expr, source int) (hashRecords, error) {
	if len(by) == 0 {
		return nil, nil
	}
	hash, err := exec.CompileHash(by, int32(source))
	if err != nil {
		return nil, fmt.Errorf("query %d (%s): split key: %w", q.Index, q.Sink.Name, err)
	}
	return hash, nil
}

// KeepsRow reports whether V2 makes a row: whether its key is chosen, or the query takes
// all records. The hash of a key that occurs often is stored with the key.
func (s *Sampler) KeepsRow(c *row.Change) bool {
	if s.wholeOutputs[c.Query] {
		return true
	}
	w := c.Written
	if w == nil {
		return s.in(row.Hash(c.Key))
	}
	if w.Hash == 0 {
		w.Hash = row.Hash(c.Key)
	}
	return s.in(w.Hash)
}

// KeepsEntry reports whether an entry of a stage's state is to be compared: whether it is
// that of a chosen key. The state of a stage that reads rows of chosen keys has positions
// among these rows, which are not V1's, and is not compared. Any goroutine may call it.
func (s *Sampler) KeepsEntry(stage int, e state.Entry) bool {
	return !s.stages[stage].renumbered && s.in(e.Hash)
}

// KeepsRelay reports whether V2's state.Relay i is the same as V1's. It is not if it counts
// rows of chosen keys.
func (s *Sampler) KeepsRelay(i int) bool { return !s.stages[s.relayed[i]].renumbered }

func (s *Sampler) in(hash uint64) bool { return hash < s.below }

// Shares returns the share of each record of a batch, in dst's memory where that is large
// enough.
func (s *Sampler) Shares(dst []row.Share, b *row.Batch) []row.Share {
	dst = s.begin(dst, b)
	s.hashes = recycle.Sized(s.hashes, b.Len())
	for i := range s.takers {
		t := &s.takers[i]
		if t.hash != nil {
			t.hash(s.hashes, b)
		}
		t.share(dst, s, b, s.hashes)
	}
	return dst
}

// begin returns the shares of a batch of which no query has taken anything yet.
func (s *Sampler) begin(dst []row.Share, b *row.Batch) []row.Share {
	dst = recycle.Sized(dst, b.Len())
	for i := range dst {
		dst[i] = row.Share{All: b.Record(i).State != row.Undecodable}
	}
	return dst
}

// share adds to the share of each record what one of its readers takes, given the hashes of
// the reader's key.
func (t *sampledTaker) share(dst []row.Share, s *Sampler, b *row.Batch, hashes []uint64) {
	for i := range dst {
		switch r := b.Record(i); {
		case int(r.Source) != t.source || r.State == row.Undecodable:
		case t.later:
			dst[i].All = dst[i].All && t.hash != nil && s.in(hashes[i])
		case t.hash == nil || s.in(hashes[i]):
			dst[i].Any = true
			dst[i].Counted = dst[i].Counted || t.counts
		default:
			dst[i].All = false
		}
	}
}

// shareOf is Shares for the readers of one stage, given the hashes of its split key.
func (s *Sampler) shareOf(stage int, dst []row.Share, b *row.Batch, hashes []uint64) {
	for i := range s.takers {
		if t := &s.takers[i]; t.stage == stage {
			t.share(dst, s, b, hashes)
		}
	}
}

// sampled is a V2 that processes every batch, and so every watermark, but only the records
// of the sampled keys. It restores only their state.
type sampled struct {
	*V2
	sampler *Sampler
}

// NewSampled starts a V2 that processes percent of the keys.
func NewSampled(cfg processors.Config, p *plan.Plan, opt processors.Options, percent float64) (processors.Processor, error) {
	if cfg.Architecture != processors.ArchitectureV2 {
		return nil, fmt.Errorf("%w: %q cannot run on a part of the keys", processors.ErrConfig, cfg)
	}
	s, err := NewSampler(p, percent)
	if err != nil {
		return nil, err
	}
	v2, err := newV2(p, cfg, opt, Hooks{}, s)
	if err != nil {
		return nil, err
	}
	return &sampled{V2: v2, sampler: s}, nil
}

// Restore restores the part of a state that belongs to chosen keys.
func (v *sampled) Restore(from *state.Snapshot) error {
	part := *from
	part.Queries = make([][]state.Entry, len(from.Queries))
	for q, entries := range from.Queries {
		for _, e := range entries {
			if v.sampler.in(e.Hash) {
				part.Queries[q] = append(part.Queries[q], e)
			}
		}
	}
	return v.V2.Restore(&part)
}
