package partitions

import (
	"errors"
	"fmt"
	"math"
	"strings"

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
	queries []sampledQuery
	below   uint64 // a key is in if its hash is below
	hashes  []uint64
}

type sampledQuery struct {
	source int32
	hash   func(dst []uint64, b *row.Batch)
	// counts: V2's partitions count its records (see v2Query).
	counts bool
}

// NewSampler returns a Sampler of percent of the keys, above 0 and below 100. If a query
// has no key to choose by, the error is an ErrSample with the reason.
func NewSampler(p *plan.Plan, percent float64) (*Sampler, error) {
	if !(percent > 0 && percent < 100) {
		return nil, fmt.Errorf("%v percent of the keys: must be above 0 and below 100", percent)
	}
	s := &Sampler{below: uint64(percent / 100 * math.MaxUint64)}
	if p.Chained() {
		return nil, fmt.Errorf("the script %w: it has several stages with different keys (%s), and a record that is in the sample of one stage may not be in the sample of the next", ErrSample, keysOf(p.Stages))
	}
	counted := map[int]bool{}
	for _, q := range p.Queries {
		if err := sampleable(q); err != nil {
			return nil, fmt.Errorf("query %d (%s) %w: %w", q.Index, q.Sink.Name, ErrSample, err)
		}
		hash, err := exec.CompileHash(q.Split.By, int32(q.Source))
		if err != nil {
			return nil, fmt.Errorf("query %d (%s): split key: %w", q.Index, q.Sink.Name, err)
		}
		s.queries = append(s.queries, sampledQuery{source: int32(q.Source), hash: hash, counts: !counted[q.Source]})
		counted[q.Source] = true
	}
	return s, nil
}

// keysOf lists the split keys of some stages.
func keysOf(stages []*plan.Query) string {
	var list []string
	for _, q := range stages {
		var by []string
		for _, e := range q.Split.By {
			by = append(by, e.String())
		}
		if len(by) == 0 {
			by = []string{"none"}
		}
		list = append(list, "of "+q.Sink.Name+" "+strings.Join(by, ", "))
	}
	return strings.Join(list, "; ")
}

// sampleable returns an error if a query's records or rows do not determine their key.
func sampleable(q *plan.Query) error {
	switch {
	case len(q.Joins) > 0:
		return errors.New("it joins sources, and records can be chosen by the key of one source only")
	case q.Split.Stateless:
		return errors.New("it has no state, so there is no key to choose records by")
	case len(q.Split.By) == 0:
		return errors.New(q.Split.Reason)
	}
	return hasSplitKey(q)
}

// hasSplitKey returns an error if a query's rows do not have the split key of its records.
func hasSplitKey(q *plan.Query) error {
	differs := errors.New("its rows do not have the key that its records are split by")
	if len(q.Key) != len(q.Split.By) || len(q.Key) == 0 {
		return differs
	}
	if q.Over != nil || q.Distinct || q.Retain != nil {
		return nil // they are the same expressions
	}
	for i, e := range q.Key {
		if g, ok := e.(*plan.Group); !ok || g.Index != i {
			return differs
		}
	}
	return nil
}

// KeepsRow reports whether the key of a row is chosen. The hash of a key that occurs
// often is stored with the key.
func (s *Sampler) KeepsRow(c *row.Change) bool {
	w := c.Written
	if w == nil {
		return s.in(row.Hash(c.Key))
	}
	if w.Hash == 0 {
		w.Hash = row.Hash(c.Key)
	}
	return s.in(w.Hash)
}

// KeepsEntry reports whether an entry of a query's state is that of a chosen key. Any
// goroutine may call it.
func (s *Sampler) KeepsEntry(e state.Entry) bool { return s.in(e.Hash) }

func (s *Sampler) in(hash uint64) bool { return hash < s.below }

// Shares returns the share of each record of a batch, in dst's memory where that is
// large enough.
func (s *Sampler) Shares(dst []row.Share, b *row.Batch) []row.Share {
	dst = s.begin(dst, b)
	s.hashes = recycle.Sized(s.hashes, b.Len())
	for q := range s.queries {
		s.queries[q].hash(s.hashes, b)
		s.share(dst, q, b, s.hashes)
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

// share adds one query's share of each record, given the hashes of its split key.
func (s *Sampler) share(dst []row.Share, query int, b *row.Batch, hashes []uint64) {
	q := &s.queries[query]
	for i := range dst {
		switch r := b.Record(i); {
		case r.Source != q.source || r.State == row.Undecodable:
		case s.in(hashes[i]):
			dst[i].Any = true
			dst[i].Counted = dst[i].Counted || q.counts
		default:
			dst[i].All = false
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
	part := &state.Snapshot{Position: from.Position, Watermark: from.Watermark, Queries: make([][]state.Entry, len(from.Queries))}
	for q, entries := range from.Queries {
		for _, e := range entries {
			if v.sampler.in(e.Hash) {
				part.Queries[q] = append(part.Queries[q], e)
			}
		}
	}
	return v.V2.Restore(part)
}
