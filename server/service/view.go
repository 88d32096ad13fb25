package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/reports/verdict"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
	"parallax/shadow/stage"
)

// statusEvery is how often the log says how a job is.
const statusEvery = 5 * time.Minute

const (
	// viewEvery is how often the figures of a job are made again; evidence is stored every
	// few seconds.
	viewEvery = 5 * time.Second
	// leastCost is what making figures is taken to cost at first.
	leastCost = time.Millisecond
	// viewShare is how much longer than the time of making them figures are shown.
	viewShare = 50
	// mostSpeeds is how many points a sparkline has.
	mostSpeeds = 60
)

// view is what is shown of a job beside its life. It is made in the background, so that a
// reader never waits for a store, and that readers do not make jobs slower.
type view struct {
	service *Service
	name    string

	making sync.Mutex // held while figures are made
	mu     sync.Mutex
	next   time.Time // when figures are made again
	// cost is how long making them takes. It at most doubles each time: where many jobs begin at
	// once, a single time says more about the others, and the next figures would be minutes away.
	cost   time.Duration
	busy   bool
	idle   *run   // a run that has not begun, for what is known without one
	idleOf string // its file's digest
	// idleAccepts are the acceptances that it was given.
	idleAccepts []gate.Acceptance
	shown       figures
	// stored is a run of whose evidence some is stored; nil for none.
	stored *run
	// records and at are those of the newest point of the speeds.
	records int64
	at      time.Time
}

// figures are what was known at a time.
type figures struct {
	verdict verdict.Document
	err     error
	report  *job.Result
	of      jobs.Run // whose report it is
	records int64
	lag     *int64
	speeds  []float64
	// signatures are those that have been announced.
	signatures map[string]bool
	stage      stage.Status
	isMade     bool
	// isOld: the verdict is on evidence of another run, from before the job changed.
	isOld bool
}

// view returns the view of a job.
func (s *Service) view(name string) *view {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.views[name]
	if v == nil {
		v = &view{service: s, name: name}
		s.views[name] = v
	}
	return v
}

// Watch keeps the figures of all jobs new, and says when they have changed, until ctx ends.
func (s *Service) Watch(ctx context.Context) {
	go s.memory.Run(ctx)
	tick := time.NewTicker(min(time.Second, s.opt.Every))
	defer tick.Stop()
	for {
		s.refresh()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// refresh begins to make the figures that are due, each on a goroutine of its own: a job that
// does not answer delays no other one.
func (s *Service) refresh() {
	list := s.host.Jobs()
	there := map[string]bool{}
	for _, st := range list {
		there[st.Name] = true
		v := s.view(st.Name)
		v.mu.Lock()
		isDue := !v.busy && !time.Now().Before(v.next)
		v.busy = v.busy || isDue
		v.mu.Unlock()
		if isDue {
			go v.make(st, len(list))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.views {
		if !there[name] {
			delete(s.views, name)
		}
	}
}

// make makes the figures again.
func (v *view) make(st jobs.Status, of int) {
	v.making.Lock()
	defer v.making.Unlock()
	began := time.Now()
	before := v.figures()
	made := v.measure(st, before)
	took := time.Since(began)
	v.mu.Lock()
	v.shown, v.busy = made, false
	v.cost = min(took, 2*max(v.cost, leastCost))
	v.next = time.Now().Add(max(v.service.opt.Every, viewShare*v.cost*time.Duration(1+of/2)))
	v.mu.Unlock()
	v.announce(before, made)
}

func (v *view) figures() figures {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.shown
}

// measure asks the job.
func (v *view) measure(st jobs.Status, before figures) figures {
	f := figures{isMade: true, signatures: before.signatures, speeds: before.speeds}
	r, err := v.runOf(st)
	if err != nil {
		f.err = err
		return f
	}
	f.verdict, f.err = r.VerdictNow(context.Background())
	f.isOld, f.stage = v.isOld(st, r), r.Stage()
	if !f.isOld {
		f.records = f.verdict.Records
	}
	if f.report, f.of = r.Report(), r; f.report != nil {
		f.records = max(f.records, f.report.Evidence.Ledger.Records())
		lag := r.Stats().Lag
		f.lag = &lag
	}
	if st.State == resource.Running {
		v.addSpeed(&f, r)
	}
	return f
}

// addSpeed adds how many records a second V1 has read since the figures before.
func (v *view) addSpeed(f *figures, r *run) {
	records, at := r.Stats().Records, time.Now()
	if took := at.Sub(v.at).Seconds(); !v.at.IsZero() && took > 0 && records >= v.records {
		f.speeds = append(append([]float64(nil), f.speeds...), float64(records-v.records)/took)
		f.speeds = f.speeds[max(0, len(f.speeds)-mostSpeeds):]
	}
	v.records, v.at = records, at
}

// runOf returns the job's newest run, or one that has not begun and knows what is stored.
func (v *view) runOf(st jobs.Status) (*run, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r, ok := st.Run.(*run); ok {
		v.idle = nil // what it knows is from before the run
		return r, nil
	}
	if st.Spec.Loaded == nil {
		return nil, errors.New("the job has no file that can be used")
	}
	accepted, err := v.service.host.Accepted(st.Spec.Loaded)
	if err != nil {
		return nil, err
	}
	if v.idle != nil && v.idleOf == st.Spec.Digest {
		if !slices.Equal(v.idleAccepts, accepted) { // a run that has not begun is not notified
			v.idle.JudgeBy(st.Spec.Loaded.Job.Gate, accepted)
			v.idleAccepts = accepted
		}
		return v.idle, nil
	}
	r, err := v.service.newRun(st.Spec.Loaded, accepted)
	if err == nil {
		v.idle, v.idleOf, v.idleAccepts = r, st.Spec.Digest, accepted
	}
	return r, err
}

// announce says what has changed between two makings of figures.
func (v *view) announce(before, made figures) {
	for _, s := range made.verdict.Signatures {
		if made.signatures[s.ID] {
			continue
		}
		known := map[string]bool{s.ID: true}
		for id := range made.signatures {
			known[id] = true
		}
		made.signatures = known
		v.service.events.Publish(resource.Event{Kind: "divergence", Job: v.name, Text: "a new kind of difference: " + s.ID + " (" + string(s.Class) + " in " + s.Topic + ")"})
	}
	v.mu.Lock()
	v.shown.signatures = made.signatures
	v.mu.Unlock()
	if c := made.stage.Last; before.isMade && c != nil && (before.stage.Last == nil || *before.stage.Last != *c) {
		v.service.events.Publish(resource.Event{Kind: "stage", Job: v.name, Text: fmt.Sprintf("from %s to %s, by %s: %s", c.From, c.To, c.Who, c.Why)})
	}
	text := ""
	if before.isMade && before.verdict.Verdict != made.verdict.Verdict {
		text = "the verdict is " + string(made.verdict.Verdict) + ": " + made.verdict.Reason
	}
	if text != "" || before.records != made.records || before.verdict.ID != made.verdict.ID || !before.isMade {
		v.service.events.Publish(resource.Event{Kind: "job", Job: v.name, Text: text})
	}
}

// current makes the figures now if there are none.
func (v *view) current(st jobs.Status) figures {
	if f := v.figures(); f.isMade {
		return f
	}
	v.making.Lock()
	defer v.making.Unlock()
	f := v.figures()
	if !f.isMade {
		f = v.measure(st, f)
		v.mu.Lock()
		v.shown = f
		v.mu.Unlock()
	}
	return f
}

// reader opens the job's store of evidence; nil if there is none yet.
func reader(st jobs.Status) (*store.Reader, error) {
	l := st.Spec.Loaded
	if !l.Job.Evidence.Enabled {
		return nil, nil
	}
	r, err := store.OpenReader(l.EvidenceDir(), l.Job.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return r, err
}

// evidence is what a verdict on the job is made on: the same for the gate, the page and a dry run.
func (v *view) evidence(st jobs.Status) (gate.Evidence, error) {
	r, err := v.runOf(st)
	if err != nil {
		return gate.Evidence{}, err
	}
	return r.EvidenceNow()
}

// stretch is the clean stretch of the job's run as it is now: the stored one or, of a run that has
// stored no evidence, the one that this process has seen; nil if there is none.
func (v *view) stretch(st jobs.Status) (*evidence.Stretch, error) {
	e, err := v.evidence(st)
	if err != nil {
		return nil, err
	}
	if e.Stored != nil {
		r, err := v.runOf(st)
		if err == nil && isSameRun(e.Stored.Identity, r.Identity) {
			return e.Stored, nil
		}
		f := v.current(st)
		if err != nil || f.report == nil || f.of != st.Run {
			return nil, err
		}
		e.Report = f.report.Evidence
	}
	if e.Started.IsZero() { // there is no evidence
		return nil, nil
	}
	return &evidence.Stretch{Job: v.name, Report: e.Report, First: e.Started, Last: e.Ended, Incarnations: 1}, nil
}
