package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
)

// BatchSize is a path's speed with larger batches relative to its speed with small ones,
// over the same records, measured alternately.
type BatchSize struct {
	Scenario string `json:"scenario"`
	Path     string `json:"path"`
	Cores    int    `json:"cores"`
	// Batch and Against are the most records of a batch. Mean is how many records a batch really
	// had with Batch: a batch ends where it would leave the cache, as a job's.
	Batch   int `json:"batch"`
	Against int `json:"against"`
	Mean    int `json:"mean"`
	// Rows and Checksum are equal for both batch sizes.
	Rows     int    `json:"rows"`
	Checksum string `json:"checksum"`
	// Ratio is of speeds: 1.0 is as fast with the larger batches. CPURatio is of CPU time
	// in the same way; absent where that is not known.
	Ratio    Spread `json:"ratio"`
	CPURatio Spread `json:"cpu_ratio,omitzero"`
}

// batchSizes measures the paths that use batches with the largest requested batch size.
func (b *benchmark) batchSizes(ctx context.Context, s *scenario, q *query) error {
	small, large := b.mainBatch(), slices.Max(b.opt.Batches)
	if s.mainOnly || large == small {
		return nil
	}
	chosen, err := choosePaths(b.opt.Paths)
	if err != nil {
		return err
	}
	c := &course{scenario: s}
	for _, p := range chosen {
		if p.cores > runtime.NumCPU() || !slices.Contains(otherBatches, p.key()) && p.name != "shadow" {
			continue
		}
		if r := p.build(s, q); r != nil {
			c.lanes = append(c.lanes, &lane{path: p, run: r, batch: small}, &lane{path: p, run: r, batch: large})
		}
	}
	if len(c.lanes) == 0 {
		return nil
	}
	c.in = b.input(s, large)
	b.opt.Progress(fmt.Sprintf("scenario %s (%s), batches of %d beside %d, %d records", s.id, s.title, large, small, c.in.Len()))
	if err := c.check(); err != nil {
		return err
	}
	if err := c.measure(ctx, b.opt.Rounds); err != nil {
		return err
	}
	for i := 0; i < len(c.lanes); i += 2 {
		a, l := c.lanes[i], c.lanes[i+1]
		if a.differs != "" || l.differs != "" {
			b.doc.Results = append(b.doc.Results, c.results([]*lane{a, l}, b.opt.Rounds)...)
			continue
		}
		r := BatchSize{
			Scenario: s.id, Path: l.path.name, Cores: l.path.cores, Batch: large, Against: small, Mean: c.in.Len() / l.want.batches,
			Rows: l.want.rows, Checksum: l.want.checksum(), Ratio: pairedRatio(l.wall, a.wall),
		}
		if median(a.cpu) > 0 {
			r.CPURatio = pairedRatio(l.cpu, a.cpu)
		}
		b.doc.BatchSizes = append(b.doc.BatchSizes, r)
	}
	return nil
}
