package service

import (
	"context"
	"slices"
	"time"

	"parallax/reports/verdict"
	"parallax/server/resource"
	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// Verdict judges the job's evidence, as it was some seconds ago.
func (s *Service) Verdict(ctx context.Context, name string) (verdict.Document, error) {
	st, err := s.find(name)
	if err != nil {
		return verdict.Document{}, err
	}
	r, err := s.view(name).runOf(st)
	if err != nil {
		return verdict.Document{}, err
	}
	return r.Verdict(ctx)
}

// Details returns what a job's page shows beside.
func (s *Service) Details(_ context.Context, name string) (resource.Details, error) {
	st, err := s.find(name)
	if err != nil {
		return resource.Details{}, err
	}
	d := resource.Details{
		Job: s.shown(st), Outputs: []resource.Output{}, Partitions: []resource.Partition{}, Timeline: []evidence.Point{},
		Holes: []evidence.Interruption{}, Routing: []resource.Routing{}, Mutations: []evidence.Mutation{},
	}
	v := s.view(name)
	stretch, err := v.stretch(st)
	if err != nil {
		return d, err
	}
	if r, err := v.runOf(st); err == nil {
		d.Checkpoint, d.Identity = r.Checkpoint(), r.IdentityNow()
		d.Emission = emissionOf(r.Stage())
	}
	if stretch == nil {
		return d, nil
	}
	if stretch.Identity.Run != "" {
		d.Identity = stretch.Identity
	}
	d.Timeline, d.Holes = filled(stretch.Timeline), filled(stretch.Interruptions)
	d.Mutations, d.States = filled(stretch.Sensitivity.Mutations), stretch.States
	for _, o := range stretch.Diff.Outputs {
		d.Outputs = append(d.Outputs, resource.Output{Topic: o.Topic, Level: o.LevelHeld.String(), Rows: o.Rows, Roots: o.Root})
	}
	work := &stretch.Candidate
	if f := v.current(st); f.report != nil && f.of == st.Run { // the newest figures of V2
		work = &f.report.Evidence.Candidate
	}
	for i, p := range work.Partitions {
		d.Partitions = append(d.Partitions, resource.Partition{
			Partition: i, Records: p.Records, Keys: p.Keys, BusyMS: float64(p.Busy.Std()) / float64(time.Millisecond), Queue: p.MostQueued,
		})
	}
	for _, r := range work.Routing {
		d.Routing = append(d.Routing, resource.Routing{Query: r.Query, Strategy: r.Strategy, Why: r.Why})
	}
	return d, nil
}

// emissionOf returns how the rows of a verified stage went out since its step began; nil in other
// stages.
func emissionOf(s stage.Status) *resource.Emission {
	if !s.Stage.IsVerified() {
		return nil
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return &resource.Emission{
		V2Rows: s.Emission.RowsOfV2, WaitP50MS: ms(s.Emission.WaitP50), WaitP99MS: ms(s.Emission.WaitP99), Fallbacks: filled(s.Emission.FallbackTimes),
	}
}

// Columns returns what was compared of each column of each output.
func (s *Service) Columns(_ context.Context, name string) ([]resource.Column, error) {
	st, err := s.find(name)
	if err != nil {
		return nil, err
	}
	stretch, err := s.view(name).stretch(st)
	if stretch == nil || err != nil {
		return []resource.Column{}, err
	}
	return filled(stretch.Columns), nil
}

// Ledger returns what became of every input record of the clean stretch.
func (s *Service) Ledger(_ context.Context, name string) (resource.Ledger, error) {
	st, err := s.find(name)
	if err != nil {
		return resource.Ledger{}, err
	}
	stretch, err := s.view(name).stretch(st)
	if stretch == nil || err != nil {
		return resource.Ledger{}, err
	}
	l := resource.Ledger{Ledger: stretch.Ledger, Records: stretch.Ledger.Records(), Late: stretch.Late}
	if !stretch.First.IsZero() {
		since, until := stretch.First.UTC(), stretch.Last.UTC()
		l.Since, l.Until = &since, &until
	}
	return l, nil
}

// Config returns the job's configuration in force, with the origin of each value. It contains
// no secrets: a job file has only the names of files and variables that hold them.
func (s *Service) Config(_ context.Context, name string) ([]resource.ConfigValue, error) {
	st, err := s.find(name)
	if err != nil {
		return nil, err
	}
	list := []resource.ConfigValue{}
	for _, v := range st.Spec.Loaded.Effective() {
		list = append(list, resource.ConfigValue{Key: v.Key, Value: v.Value, Origin: v.Source})
	}
	return list, nil
}

// filled returns a list that is [] in JSON if it is empty.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return slices.Clip(list)
}
