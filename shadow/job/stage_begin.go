package job

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"time"

	"parallax/reports/store"
	"parallax/shadow"
	"parallax/shadow/evidence"
	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// partitionsOfV2 is the number of partitions in a configuration of V2.
var partitionsOfV2 = regexp.MustCompile(`^v2(:\d+)?`)

// begin returns the stage that a run begins in: that of its last change, nil for none. A change
// that is due at once, because V2 or the query is another one than then, is returned, too: the
// run begins in its stage, and it has to be recorded.
func (s *stages) begin(last *stage.Status, isFirstStart bool, now time.Time) (stage.Status, *stage.Change) {
	if last == nil || last.Last == nil {
		if isFirstStart && s.policy.Stage != (stage.Stage{}) {
			c := s.complete(stage.Change{
				To: s.policy.Stage, Step: s.policy.Plan.IndexOf(s.policy.Stage), At: now, Who: "parallax", Why: "migration.stage: the job's first start", IsForced: true,
			})
			return stage.Status{}.Begun(c), &c
		}
		return stage.Status{Step: s.policy.Plan.IndexOf(stage.Stage{}), Since: now}, nil
	}
	status, was := *last, last.Last
	status.Step = s.policy.Plan.IndexOf(status.Stage) // the plan may be another one
	if status.Stage.Kind == stage.Shadow || was.V2 == s.identity.V2 && was.Fingerprint == s.identity.Fingerprint {
		return status, nil
	}
	c := stage.Change{From: status.Stage, To: status.Stage, Step: status.Step, At: now, Run: was.Run, Position: status.Position, Strikes: status.Strikes, IsHeld: status.IsHeld}
	switch {
	case was.Fingerprint != s.identity.Fingerprint:
		c.Cause, c.Why = stage.Changed, "the query or a setting has changed, so nothing is proven"
	case withoutPartitions(was.V2) != withoutPartitions(s.identity.V2):
		c.Cause, c.Why = stage.Changed, "V2 was "+was.V2+" and is "+s.identity.V2+", so nothing is proven"
	default:
		c.Who, c.IsAutomatic = "parallax", true
		c.Why = "V2 has another number of partitions, so the step begins again"
		c = s.complete(c)
		return status.Begun(c), &c
	}
	c = s.complete(s.policy.GoesBack(c.Strikes, c.IsHeld, c))
	s.mu.Lock()
	s.left = c.From
	s.mu.Unlock()
	return status.Begun(c), &c
}

func withoutPartitions(v2 string) string { return partitionsOfV2.ReplaceAllString(v2, "v2") }

// newStages returns what changes the stage of the job.
func (j *Job) newStages() *stages {
	return &stages{
		policy: migration.Policy{Config: j.Migration.Config}, identity: j.IdentityNow(), log: j.Log,
		runner: func() stager {
			if r := j.running.Load(); r != nil && r.runner != nil {
				return r.runner
			}
			return nil
		},
		unkept: make(chan struct{}, 1),
		facts:  j.stageFacts, allowed: j.rememberAllowed, stored: j.storeChange,
	}
}

// beginStage says in which stage an incarnation begins, and returns a change that is due at once.
func (j *Job) beginStage(job *shadow.Job, r *running) *stage.Change {
	s := j.stages.Load()
	if s == nil {
		return nil
	}
	m := j.Migration
	job.Salt, job.CanaryWait, job.StagePatience = m.Salt, m.Canary.Wait.Std(), m.Patience
	job.StageChanged, job.GoBack, job.IsAccepted = s.changed, s.goesBack, j.accepts
	last := j.lastStage(s, r)
	isFirstStart := last == nil && (r.states == nil || r.states.resumed == nil)
	var due *stage.Change
	job.Stage, due = s.begin(last, isFirstStart, time.Now())
	return due
}

// lastStage returns where the migration was, nil where it never left shadow: as the journal says, and
// as the checkpoint that the run continues from says where the journal has nothing after it. What the
// process knew of changes that did not commit does not count.
func (j *Job) lastStage(s *stages, r *running) *stage.Status {
	changes := r.task.Stages()
	if len(changes) == 0 && r.states != nil && r.states.lastStage != nil {
		changes = []stage.Change{*r.states.lastStage}
	}
	if len(changes) == 0 {
		return nil
	}
	_, end, err := j.storedStages()
	if err != nil {
		s.log.Warn("the history of the migration cannot be read", "error", err)
	}
	s.adopt(changes, end)
	status := stage.Status{}.Begun(changes[len(changes)-1])
	return &status
}

// recordStage records a change that is due at once, as soon as the runner runs; wait ends that. If
// another change takes effect first, the due change is dropped.
func (j *Job) recordStage(ctx context.Context, r stager, begun stage.Status, due *stage.Change) (wait func()) {
	if due == nil {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		switch err := r.SetStageFrom(ctx, begun, *due); {
		case err == nil || ctx.Err() != nil || errors.Is(err, shadow.ErrStageSuperseded):
		case errors.Is(err, shadow.ErrStageNotReached) && !errors.Is(err, shadow.ErrRunHasEnded):
			j.Log.Error("the stage in which the job begins was not recorded", "stage", due.To, "why", due.Why, "error", err)
		default: // the runner ends, such as one that lost its topic-partitions as it began, and says why
			j.Log.Info("the stage in which the job begins is recorded when the job continues", "stage", due.To, "why", due.Why)
		}
	}()
	return func() { <-done } // it ends with the runner
}

// rememberAllowed stores the verdict that allows a change, so that its ID can be looked up.
func (j *Job) rememberAllowed(c stage.Change) {
	d := j.judged.Load()
	if d == nil || j.Evidence.Dir == "" || c.Verdict == "" || d.ID != c.Verdict {
		return
	}
	if err := d.Store(j.Evidence.Dir, j.Name); err != nil {
		j.Log.Warn("the verdict that allows a change of stage was not stored", "verdict", d.ID, "error", err)
	}
}

// storeChange adds a change to the history.
func (j *Job) storeChange(c stage.Change) (err error) {
	if j.Evidence.Dir == "" {
		return nil
	}
	h, err := store.OpenHistory(j.Evidence.Dir, j.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return h.AddStageChange(c)
}

// storedStages reads the history of changes, and the end of the newest run's evidence.
func (j *Job) storedStages() (history []stage.Change, end int64, err error) {
	if j.Evidence.Dir == "" {
		return nil, 0, nil
	}
	r, err := store.OpenReader(j.Evidence.Dir, j.Name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrNoRun) { // or it is being made
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if history, err = r.StageChanges(); err != nil {
		return nil, 0, err
	}
	runs, err := r.Runs()
	if err == nil && len(runs) > 0 {
		end = runs[len(runs)-1].To
	}
	return history, end, err
}

// recall reads the history of the job's changes.
func (s *stages) recall(history []stage.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history, s.unstored = history, 0
}

// adopt takes the changes of the journal, which a crash may have kept out of the history and the
// evidence; end is the end of the stored evidence.
func (s *stages) adopt(changes []stage.Change, end int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		if !slices.ContainsFunc(s.history, func(h stage.Change) bool { return isSame(h, c) }) {
			s.history = append(s.history, c)
			s.unstored++
		}
		if c.Position >= end {
			s.interrupted.add(c)
		}
	}
	s.storeSoon()
}

func isSame(a, b stage.Change) bool {
	return a.At.UnixMilli() == b.At.UnixMilli() && a.Position == b.Position && a.To == b.To
}

// controlStages lets the job change its stage by itself until stop.
func (j *Job) controlStages(ctx context.Context) (stop func()) {
	if j.Migration == nil {
		return func() {}
	}
	s := j.newStages()
	history, _, err := j.storedStages()
	if err != nil {
		s.log.Warn("the history of the migration cannot be read", "error", err)
	}
	s.recall(history)
	j.stages.Store(s)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// markSpan marks a span that an interruption is before.
func (j *Job) markSpan(s *evidence.Span) {
	if stages := j.stages.Load(); stages != nil {
		stages.interrupted.mark(s)
	}
}
