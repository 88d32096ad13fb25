package job

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow"
	"parallax/shadow/evidence"
	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// Migration says how a job's V2 takes over.
type Migration struct {
	migration.Config
	Canary migration.Canary
	// V1 and V2 are the configuration strings of the two paths.
	V1, V2 string
}

// migrationOf returns how a job file says that V2 takes over, nil if it does not.
func migrationOf(l *config.Loaded) *Migration {
	if !l.HasMigration() {
		return nil
	}
	cfg := &l.Job
	m := &Migration{Config: cfg.Migration, Canary: cfg.Canary, V1: cfg.Processors.V1.String(), V2: cfg.Processors.V2.String()}
	m.Salt = cmp.Or(m.Salt, cfg.Name)
	return m
}

// ErrNotRunning says that a job does not run, so that its stage cannot change.
var ErrNotRunning = errors.New("the job is not running yet, so its stage cannot change")

// stager is what has a stage: the Runner.
type stager interface {
	Stage() stage.Status
	SetStageFrom(ctx context.Context, decided stage.Status, c stage.Change) error
}

// stages changes the stage of a job: when a person asks for it, and by itself. It is safe for
// concurrent use.
type stages struct {
	policy migration.Policy
	log    *slog.Logger
	// runner returns what runs the job now, nil if nothing does.
	runner func() stager
	// facts finds out what is known of a job in a stage. It reads all stored evidence.
	facts func(context.Context, stage.Status) (migration.Facts, error)
	// allowed is told of a change that the gate allowed, before it is made; stored stores a
	// change in the history.
	allowed func(stage.Change)
	stored  func(stage.Change) error

	// forward is held while a change forward is made.
	forward sync.Mutex

	mu       sync.Mutex
	identity evidence.RunIdentity
	// history is the changes of stage that are known, the oldest first. The last unstored ones
	// are not in the store yet.
	history  []stage.Change
	unstored int
	// left is the stage of the V2 before, which the run did not begin in.
	left    stage.Stage
	known   migration.Facts
	knownAt time.Time
	due     time.Time // when known is old
	// unkept has a value where there are changes that are not stored yet.
	unkept chan struct{}
	// interrupted marks the evidence.
	interrupted interruptions
	// retry is when a step that was not reached is tried again.
	retry time.Time
}

const (
	// stagePeriod is how often the controller looks at a job.
	stagePeriod = 2 * time.Second
	// factsPeriod is how long facts are used before they are read again, factsShare how much
	// longer than reading them took.
	factsPeriod = 10 * time.Second
	factsShare  = 50
	// retryAfter is how long the controller waits after a step was not reached.
	retryAfter = time.Minute
)

// run changes the stage by itself, until ctx ends.
func (s *stages) run(ctx context.Context) {
	var storing sync.WaitGroup
	storing.Go(func() { s.keepStoring(ctx) })
	defer storing.Wait()
	tick := time.NewTicker(stagePeriod)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.control(ctx)
		}
	}
}

// keepStoring stores changes in the history as soon as they have committed, until ctx ends: a
// checkpoint that is later than a change keeps it from being read from the journal again.
func (s *stages) keepStoring(ctx context.Context) {
	tick := time.NewTicker(stagePeriod)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-s.unkept:
		case <-tick.C:
		}
		s.store()
	}
}

// storeSoon says that there are changes to store. It does not wait.
func (s *stages) storeSoon() {
	select {
	case s.unkept <- struct{}{}:
	default:
	}
}

// control makes the change that is due now.
func (s *stages) control(ctx context.Context) {
	r := s.runner()
	if r == nil {
		return
	}
	state := s.state(r)
	s.interrupted.watch(state.Emission)
	now := time.Now()
	d := s.policy.Decide(state, s.recent(ctx, state), now)
	switch {
	case d.Back != nil:
		if err := r.SetStageFrom(ctx, state.Status, s.complete(*d.Back)); err != nil && ctx.Err() == nil {
			s.log.Error("the job could not go back by itself", "why", d.Back.Why, "error", err)
		}
	case d.IsForward && !now.Before(s.retry):
		if _, err := s.set(ctx, migration.Request{To: "next", Who: "parallax"}); err != nil && ctx.Err() == nil {
			s.retry = time.Now().Add(retryAfter)
			s.log.Warn("the job could not go forward by itself", "to", d.Next.Stage, "error", err, "again in", retryAfter)
		}
	}
}

// state is where the migration is.
func (s *stages) state(r stager) migration.State {
	status := r.Stage()
	s.mu.Lock()
	defer s.mu.Unlock()
	return migration.State{Status: status}.Recall(s.history)
}

// recent returns facts that may be some seconds old.
func (s *stages) recent(ctx context.Context, state migration.State) migration.Facts {
	s.mu.Lock()
	known, isDue := s.known, s.knownAt.Before(state.Since) || !time.Now().Before(s.due)
	s.mu.Unlock()
	if !isDue {
		return known
	}
	return s.fresh(ctx, state)
}

// fresh finds out what is known now. Without evidence nothing goes forward.
func (s *stages) fresh(ctx context.Context, state migration.State) migration.Facts {
	began := time.Now()
	f, err := s.facts(ctx, state.Status)
	if err != nil {
		f = migration.Facts{Verdict: migration.Verdict{State: string(gate.Error), Reason: "the evidence cannot be read: " + err.Error()}}
	}
	took := time.Since(began)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		f.Run = s.known.Run
	}
	s.known, s.knownAt, s.due = f, began, time.Now().Add(max(factsPeriod, factsShare*took))
	return f
}

// set makes the change that is asked for. The error is a *migration.Refusal, the Runner's, or
// ErrNotRunning.
func (s *stages) set(ctx context.Context, req migration.Request) (stage.Change, error) {
	r := s.runner()
	if r == nil {
		return stage.Change{}, ErrNotRunning
	}
	state := s.state(r)
	c, err := s.setOn(ctx, r, state, req)
	if errors.Is(err, shadow.ErrStageSuperseded) {
		// Where only the step began again meanwhile, as after a start, what was asked for still holds.
		if now := s.state(r); now.Stage == state.Stage && now.Strikes == state.Strikes && now.IsHeld == state.IsHeld {
			return s.setOn(ctx, r, now, req)
		}
	}
	return c, err
}

// setOn is set for where the migration is.
func (s *stages) setOn(ctx context.Context, r stager, state migration.State, req migration.Request) (stage.Change, error) {
	s.mu.Lock()
	f := s.known
	s.mu.Unlock()
	c, err := s.policy.Resolve(state, f, req, time.Now())
	if err == nil && (c.IsBack() || c.From == c.To) { // at once
		c = s.complete(c)
		return c, r.SetStageFrom(ctx, state.Status, c)
	}
	if refusal, ok := errors.AsType[*migration.Refusal](err); ok && (refusal.By == migration.ByRequest || refusal.By == migration.ByHold) {
		return c, err
	}
	s.forward.Lock()
	defer s.forward.Unlock()
	state = s.state(r)
	if c, err = s.policy.Resolve(state, s.fresh(ctx, state), req, time.Now()); err != nil {
		return c, err
	}
	c = s.complete(c)
	s.allowed(c)
	return c, r.SetStageFrom(ctx, state.Status, c)
}

// restartStep begins the present step again, because V2 is not the one that it began with.
func (s *stages) restartStep(ctx context.Context, r stager, why string) {
	now := r.Stage()
	if !now.Stage.IsVerified() {
		return
	}
	s.mu.Lock()
	run := s.known.Run
	s.mu.Unlock()
	c := stage.Change{
		From: now.Stage, To: now.Stage, Step: now.Step, At: time.Now(), Who: "parallax", Why: why + ", so the step begins again", IsAutomatic: true,
		Run: run, Strikes: now.Strikes, IsHeld: now.IsHeld, Position: -1,
	}
	if err := r.SetStageFrom(ctx, now, s.complete(c)); err != nil {
		s.log.Warn("the step of the migration did not begin again", "stage", now.Stage, "why", why, "error", err)
	}
}

// complete adds to a change what it is about.
func (s *stages) complete(c stage.Change) stage.Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.V2, c.Fingerprint = s.identity.V2, s.identity.Fingerprint
	return c
}

// becomes says what the job is about now.
func (s *stages) becomes(id evidence.RunIdentity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identity = id
}

// goesBack completes a change back that the runner makes by itself, which has counted its strike.
// It does not wait, and asks the runner nothing.
func (s *stages) goesBack(c stage.Change) stage.Change {
	s.mu.Lock()
	c.Run = cmp.Or(c.Run, s.known.Run)
	s.mu.Unlock()
	return s.complete(s.policy.GoesBack(c.Strikes-1, c.IsHeld, c))
}

// changed takes a change that has committed. It does not wait: run stores the history.
func (s *stages) changed(c stage.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Cause == stage.Changed && c.From == c.To {
		c.From = s.left
	}
	s.history = append(s.history, c)
	s.unstored++
	s.interrupted.add(c)
	s.storeSoon()
}

// notStored returns the changes that are not in the store yet.
func (s *stages) notStored() []stage.Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.history[len(s.history)-s.unstored:])
}

// store stores the changes that are not in the history yet. What cannot be stored stays.
func (s *stages) store() {
	for {
		s.mu.Lock()
		if s.unstored == 0 {
			s.mu.Unlock()
			return
		}
		c := s.history[len(s.history)-s.unstored]
		s.mu.Unlock()
		if err := s.stored(c); err != nil {
			s.log.Warn("a change of stage was not stored in the history; it is tried again", "error", err)
			return
		}
		s.mu.Lock()
		s.unstored--
		s.mu.Unlock()
	}
}

// next says what the next step needs, nil at the end of the plan.
func (s *stages) next(ctx context.Context, r stager) (*migration.Next, string) {
	state := s.state(r)
	s.mu.Lock()
	f, isKnown := s.known, !s.knownAt.IsZero()
	s.mu.Unlock()
	if !isKnown { // else run keeps it new, so that readers do not wait for the store
		f = s.fresh(ctx, state)
	}
	return s.policy.Decide(state, f, time.Now()).Next, f.Run
}

var _ stager = (*shadow.Runner)(nil)

// acceptedOf reports whether a difference is accepted: as often as that acceptance allows.
func acceptedOf(list []gate.Acceptance) func(diff.Signature) bool {
	return func(sig diff.Signature) bool {
		for _, a := range list {
			if a.Signature == sig.ID {
				return !a.HasExpired(time.Now()) && sig.Count <= a.MaxCount
			}
		}
		return false
	}
}
