package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/shadow/evidence"
)

// divergent calls visit with the spans of the job's run as it is now, in order. It reports false if
// no evidence of it is stored.
func (v *view) divergent(st jobs.Status, visit func(*evidence.Span)) (isStored bool, err error) {
	r, err := reader(st)
	if r == nil || err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if is, err := v.isCurrent(st, r); !is || err != nil {
		return false, err
	}
	err = r.Spans(store.Query{}, func(s *evidence.Span) error {
		visit(s)
		return nil
	})
	return true, err
}

// Signatures returns the kinds of difference that the newest run has found, those with the most
// roots first.
func (s *Service) Signatures(_ context.Context, name string) ([]resource.Signature, error) {
	st, err := s.find(name)
	if err != nil {
		return nil, err
	}
	found := map[string]*resource.Signature{}
	isStored, err := s.view(name).divergent(st, func(span *evidence.Span) {
		for i := range span.Divergences {
			d := &span.Divergences[i]
			of := d.AsSignature()
			g := found[d.Signature]
			if g == nil {
				found[d.Signature] = &resource.Signature{Signature: of, First: d.Seen[0], Last: d.Seen[1]}
				continue
			}
			g.Count, g.Roots, g.Last = g.Count+of.Count, g.Roots+of.Roots, d.Seen[1]
			if of.Latest != nil {
				g.Latest = of.Latest
			}
			if of.Largest != nil && (g.Largest == nil || of.Largest.Amount > g.Largest.Amount) {
				g.Largest = of.Largest
			}
			for _, p := range of.V2Partitions {
				if !slices.Contains(g.V2Partitions, p) {
					g.V2Partitions = append(slices.Clone(g.V2Partitions), p)
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	f := s.view(name).current(st)
	if !isStored && f.report != nil && f.of == st.Run {
		for _, of := range f.report.Evidence.Diff.Signatures {
			found[of.ID] = &resource.Signature{Signature: of, First: f.report.Evidence.Started, Last: f.report.Evidence.Ended}
		}
	}
	list := []resource.Signature{}
	for _, g := range found {
		g.Status = statusOf(g.ID, f.verdict.Accepted)
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b resource.Signature) int {
		if a.Roots != b.Roots {
			return int(min(1, max(-1, b.Roots-a.Roots)))
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, nil
}

// statusOf says what was decided about a signature.
func statusOf(id string, accepted []gate.AcceptedSignature) string {
	i := slices.IndexFunc(accepted, func(a gate.AcceptedSignature) bool { return a.Signature == id })
	switch {
	case i < 0 || accepted[i].IsExceeded:
		return "open"
	case accepted[i].HasExpired:
		return "expired"
	}
	return "accepted"
}

// place orders samples: by the end of their span, then by their place in it.
type place struct {
	to int64
	n  int
}

func (p place) String() string { return fmt.Sprintf("%d-%d", p.to, p.n) }

func parsePlace(text string) (place, error) {
	to, n, _ := strings.Cut(text, "-")
	a, errA := strconv.ParseInt(to, 10, 64)
	b, errB := strconv.Atoi(n)
	p := place{a, b}
	if errA != nil || errB != nil || a < 0 || b < 1 || p.String() != text {
		return place{}, resource.NewProblem(http.StatusBadRequest, "No such page", fmt.Sprintf("after: %q is not from a page of divergences", text), "use what the page before had in next")
	}
	return p, nil
}

func (p place) isBefore(o place) bool { return p.to < o.to || p.to == o.to && p.n < o.n }

// Divergences returns stored samples, the newest first.
func (s *Service) Divergences(_ context.Context, name string, q resource.DivergenceQuery) (resource.Page[resource.Divergence], error) {
	page := resource.Page[resource.Divergence]{Items: []resource.Divergence{}}
	st, err := s.find(name)
	if err != nil {
		return page, err
	}
	before := place{to: 1<<63 - 1}
	if q.After != "" {
		if before, err = parsePlace(q.After); err != nil {
			return page, err
		}
	}
	limit := pageOf(q.Limit)
	var places []place
	isStored, err := s.view(name).divergent(st, func(span *evidence.Span) {
		at := place{to: span.To}
		for i := range span.Divergences {
			d := &span.Divergences[i]
			for _, sample := range samplesOf(d) {
				at.n++
				if q.Signature != "" && d.Signature != q.Signature || !at.isBefore(before) {
					continue
				}
				places = append(places, at)
				page.Items = append(page.Items, resource.Divergence{Signature: d.Signature, Class: d.Class, Topic: d.Topic, At: d.Seen[1], Example: sample})
				if over := len(places) - limit - 1; over > limit {
					places, page.Items = slices.Delete(places, 0, over), slices.Delete(page.Items, 0, over)
				}
			}
		}
	})
	if err != nil {
		return page, err
	}
	if !isStored {
		return cut(s.liveDivergences(st, q.Signature), before, limit), nil
	}
	slices.Reverse(page.Items)
	slices.Reverse(places)
	if len(page.Items) > limit {
		page.Items, page.Next = page.Items[:limit], places[limit-1].String()
	}
	return page, nil
}

// cut is a page of the samples of a job that stores no evidence: the place of each is its number.
func cut(list []resource.Divergence, after place, limit int) (page resource.Page[resource.Divergence]) {
	from := 0
	if after.to == 0 {
		from = min(after.n, len(list))
	}
	page.Items = list[from:]
	if len(page.Items) > limit {
		page.Items, page.Next = page.Items[:limit], place{0, from + limit}.String()
	}
	return page
}

// samplesOf are the samples of a stored divergence, the oldest first, each once.
func samplesOf(d *evidence.Divergence) (list []diff.Example) {
	d.Samples.Each(func(s *evidence.Sample) { list = append(list, *s.AsExample()) })
	return list
}

// liveDivergences are the samples of a job that stores no evidence.
func (s *Service) liveDivergences(st jobs.Status, signature string) []resource.Divergence {
	list := []resource.Divergence{}
	f := s.view(st.Name).current(st)
	if f.report == nil || f.of != st.Run {
		return list
	}
	at := f.report.Evidence.Ended.Truncate(time.Millisecond)
	for _, g := range f.report.Evidence.Diff.Signatures {
		if signature != "" && g.ID != signature {
			continue
		}
		for _, e := range []*diff.Example{g.Latest, g.Largest, &g.Example} {
			isTwice := e != nil && e == g.Largest && (e.IsSame(&g.Example) || g.Latest != nil && e.IsSame(g.Latest))
			if e != nil && !isTwice {
				list = append(list, resource.Divergence{Signature: g.ID, Class: g.Class, Topic: g.Topic, At: at, Example: *e})
			}
		}
	}
	return list
}
