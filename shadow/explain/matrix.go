package explain

import (
	"context"
	"slices"

	"parallax/processors/partitions"
	"parallax/processors/route"
	"parallax/processors/row"
)

// Cell says whether the divergence shows in one way to replay: over the smallest input, or
// else over all records in which it was found, because whether few records share a partition
// is a matter of luck.
type Cell struct {
	Partitions int            `json:"partitions"`
	Strategy   route.Strategy `json:"strategy"`
	// Batch is the largest number of records of a batch, 0 for all in one; Restarts: V2 is
	// restarted, with its stored state, between any two batches.
	Batch    int  `json:"batch"`
	Restarts bool `json:"restarts"`
	// Shows: the divergence shows; InAll: over all records only. Other are the classes of what
	// shows instead.
	Shows bool     `json:"shows"`
	InAll bool     `json:"in_all,omitempty"`
	Other []string `json:"other,omitempty"`
	// Refused is why V2 cannot run like this.
	Refused string `json:"refused,omitempty"`
}

// matrix is the causes of a divergence: the ways in which it shows.
type matrix struct {
	explainer *explainer
	// records are the smallest input, all those in which the divergence was found.
	records, all []row.Record
	base         Way
	cells        []Cell
}

// fill replays in each way: each number of partitions with each cut, each strategy, and with
// restarts.
func (m *matrix) fill(ctx context.Context) error {
	n := m.base.V2.Count()
	counts := []int{1, 2}
	if n > 2 {
		counts = append(counts, n)
	}
	for _, count := range counts {
		for _, every := range m.cuts() {
			way := m.base
			way.V2.Partitions, way.Cut, way.Restarts = count, Cut{Every: every}, false
			if err := m.add(ctx, way); err != nil {
				return err
			}
		}
	}
	for _, s := range m.strategies() {
		way := m.base
		way.V2.Strategy, way.Restarts = s, false
		if err := m.add(ctx, way); err != nil {
			return err
		}
	}
	way := m.base
	way.Restarts, way.Cut = true, Cut{Every: 1}
	return m.add(ctx, way)
}

// cuts are the sizes of batches. 1,000 is all of an input that has no more.
func (m *matrix) cuts() []int {
	if len(m.records) > 1000 {
		return []int{1, 1000, 0}
	}
	return []int{1, 0}
}

// strategies are those by which V2 may route the plan's records, other than the job's.
func (m *matrix) strategies() (list []route.Strategy) {
	used := map[route.Strategy]bool{}
	if routing, err := partitions.RoutingOf(m.explainer.subject.Plan, m.base.V2); err == nil {
		used[routing[0].Strategy] = true
	}
	for _, s := range route.Strategies() {
		cfg := m.base.V2
		cfg.Strategy, cfg.ForceStrategy = s, false
		if _, err := partitions.RoutingOf(m.explainer.subject.Plan, cfg); err == nil && s != route.Auto && !used[s] {
			list = append(list, s)
		}
	}
	return list
}

// add replays in one way.
func (m *matrix) add(ctx context.Context, way Way) error {
	c := Cell{Partitions: way.V2.Count(), Strategy: way.V2.Strategy, Batch: way.Cut.Every, Restarts: way.Restarts}
	if c.Strategy == "" {
		c.Strategy = route.Auto
	}
	if err := m.look(ctx, &c, m.records, way); err != nil {
		return err
	}
	if !c.Shows && c.Refused == "" && len(m.all) > len(m.records) {
		if way.Restarts {
			way.Cut.Every = max(1, len(m.all)/restartsMost)
		}
		if err := m.look(ctx, &c, m.all, way); err != nil {
			return err
		}
		c.InAll = c.Shows
	}
	m.cells = append(m.cells, c)
	return nil
}

// look replays records in one way.
func (m *matrix) look(ctx context.Context, c *Cell, records []row.Record, way Way) error {
	r, err := m.explainer.subject.replay(ctx, records, way)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		c.Refused = err.Error()
		return nil
	}
	_, c.Shows = m.explainer.target.findSimilar(r)
	c.Other = nil
	for _, s := range r.Signatures {
		if class := string(s.Class); !c.Shows && !slices.Contains(c.Other, class) {
			c.Other = append(c.Other, class)
		}
		if way.Restarts && s.Example.Error == errNoState.Error() {
			c.Shows, c.Other, c.Refused = false, nil, errNoState.Error()
			return nil
		}
	}
	return nil
}

// shows reports whether a way of the matrix shows the divergence, and whether there is one.
func (m *matrix) shows(is func(Cell) bool) (shows, known bool) {
	for _, c := range m.cells {
		if is(c) {
			shows, known = shows || c.Shows, true
		}
	}
	return shows, known
}

// boundary returns the number of records after which a batch must end, or must not end, for
// the divergence to show; 0 if no single place decides that.
func (m *matrix) boundary(ctx context.Context, mustEnd bool) (int, error) {
	if len(m.records) > 50 {
		return 0, nil
	}
	found := 0
	for after := 1; after < len(m.records); after++ {
		way := m.base
		way.Cut, way.Restarts = Cut{After: after}, false
		r, err := m.explainer.subject.replay(ctx, m.records, way)
		if err != nil {
			return 0, err
		}
		if _, shows := m.explainer.target.findSimilar(r); shows == mustEnd {
			if found > 0 {
				return 0, nil
			}
			found = after
		}
	}
	return found, nil
}
