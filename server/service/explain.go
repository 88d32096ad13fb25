package service

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/shadow/explain"
	"parallax/shadow/guard"
	"parallax/shadow/replay"
)

const (
	// explainWithin limits the time of an explanation, explainRecords its records.
	explainWithin  = 10 * time.Minute
	explainRecords = 200_000
	// mostExplanations is how many explanations are remembered.
	mostExplanations = 200
)

// explanations are those that were asked for. One is made at a time: it takes the CPUs from
// the jobs.
type explanations struct {
	making chan struct{}

	mu   sync.Mutex
	list []*explanation // the oldest first
}

type explanation struct {
	job string
	resource.Explanation
}

func newExplanations() *explanations { return &explanations{making: make(chan struct{}, 1)} }

// update changes an explanation.
func (e *explanations) update(x *explanation, change func(*resource.Explanation)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&x.Explanation)
}

// begin returns a new explanation, or the one of the same signature that is being made.
func (e *explanations) begin(job, signature string) (x *explanation, is resource.Explanation, isNew bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, x := range e.list {
		if x.job == job && x.Signature == signature && x.State == "running" {
			return x, x.Explanation, false
		}
	}
	id := make([]byte, 6)
	_, _ = rand.Read(id) // never fails
	x = &explanation{job, resource.Explanation{ID: hex.EncodeToString(id), Signature: signature, State: "running", Step: "waiting", At: now()}}
	e.list = append(e.list, x)
	if over := len(e.list) - mostExplanations; over > 0 {
		e.list = slices.Delete(e.list, 0, over)
	}
	return x, x.Explanation, true
}

// find returns an explanation of this process.
func (e *explanations) find(job, id string) (resource.Explanation, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, x := range e.list {
		if x.job == job && x.ID == id {
			return x.Explanation, true
		}
	}
	return resource.Explanation{}, false
}

// Explain begins to explain a divergence.
func (s *Service) Explain(_ context.Context, by resource.Actor, name string, r resource.ExplainRequest) (resource.Explanation, error) {
	st, err := s.find(name)
	var x resource.Explanation
	if err == nil {
		x, err = s.explain(st, r.Signature)
	}
	return x, s.record(by, resource.AuditEntry{Job: name, What: "explain " + r.Signature}, err)
}

func (s *Service) explain(st jobs.Status, signature string) (resource.Explanation, error) {
	l := st.Spec.Loaded
	subject, err := replay.SubjectOf(l, replay.Options{BuildV2: explain.BuildV2(s.opt.BuildV2), EvidenceDir: l.EvidenceDir()})
	if err != nil {
		return resource.Explanation{}, resource.NewProblem(http.StatusConflict, "It cannot be explained", err.Error(), "")
	}
	known, err := s.known(st, signature)
	if err != nil {
		return resource.Explanation{}, err
	}
	x, is, isNew := s.explanations.begin(st.Name, signature)
	if isNew {
		go func() {
			err := guard.Wait(func() error { return s.make(x, st, subject, known) })
			made, _ := s.explanations.find(st.Name, x.ID)
			if made.State, made.Step = "done", ""; err != nil {
				made.State, made.Error = "failed", guard.FirstLine(err)
			}
			s.keep(st.Name, made) // before it is said to be there
			s.explanations.update(x, func(r *resource.Explanation) { *r = made })
			s.events.Publish(resource.Event{Kind: "explanation", Job: st.Name, Text: "the explanation of " + signature + " is there"})
		}()
	}
	return is, nil
}

// known is what is known of a divergence: from the stored evidence, or from the run.
func (s *Service) known(st jobs.Status, signature string) (*diff.Signature, error) {
	l := st.Spec.Loaded
	if l.Job.Evidence.Enabled {
		known, _, err := replay.Known(l.EvidenceDir(), l.Job.Name, signature)
		if err == nil || !errors.Is(err, replay.ErrNoEvidence) {
			return known, err
		}
	}
	if f := s.view(st.Name).current(st); f.report != nil {
		for i := range f.report.Evidence.Diff.Signatures {
			if g := &f.report.Evidence.Diff.Signatures[i]; g.ID == signature {
				return g, nil
			}
		}
	}
	return nil, resource.NewProblem(http.StatusNotFound, "No such divergence", fmt.Sprintf("job %s has no divergence %q", st.Name, signature), "see the IDs in the list of the job's signatures")
}

// make makes an explanation.
func (s *Service) make(x *explanation, st jobs.Status, subject *explain.Subject, known *diff.Signature) error {
	ctx, cancel := context.WithTimeout(s.working, explainWithin)
	defer cancel()
	select {
	case s.explanations.making <- struct{}{}:
		defer func() { <-s.explanations.making }()
	case <-ctx.Done():
		return ctx.Err()
	}
	step := func(text string) { s.explanations.update(x, func(r *resource.Explanation) { r.Step = text }) }
	step("reading the topics")
	input, err := replay.FromTopics(ctx, st.Spec.Loaded.Job.Kafka, subject, known, explainRecords, time.Time{}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	made, err := explain.Explain(ctx, subject, input.Records, explain.Options{Target: explain.TargetOf(*known), Progress: func(p explain.Progress) {
		step(fmt.Sprintf("%s: %s records", p.Step, gate.Thousands(int64(p.Records))))
	}})
	if err != nil {
		return err
	}
	if input.IsCut && !made.Shown {
		made.Why = append(made.Why, replay.LeftOut(gate.Thousands(explainRecords)+" records"))
	}
	folder := ""
	if made.Shown {
		folder = filepath.Join(s.explained(st.Name), x.ID)
		if err := made.WriteFolder(ctx, folder, subject); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	if err := made.WriteText(&text); err != nil {
		return err
	}
	s.explanations.update(x, func(r *resource.Explanation) {
		r.Text, r.Folder = text.String(), folder
	})
	return nil
}

// Explanation returns what came of an explanation that was asked for.
func (s *Service) Explanation(_ context.Context, name, id string) (resource.Explanation, error) {
	if x, ok := s.explanations.find(name, id); ok {
		return x, nil
	}
	if x, ok := s.kept(name, id); ok {
		return x, nil
	}
	return resource.Explanation{}, resource.NewProblem(http.StatusNotFound, "No such explanation", fmt.Sprintf("job %s has no explanation %q", name, id), "explain the divergence again")
}
