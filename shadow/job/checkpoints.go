package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/state"
	"parallax/shadow"
	"parallax/shadow/checkpoint"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka"
	"parallax/shadow/stage"
	"parallax/shadow/states"
)

// task is the name of a job's only task, in the paths of its checkpoints.
const task = "all"

// checkpoints stores the control's state and finds the one that a run continues from. It is
// the runner's shadow.Keeper.
type checkpoints struct {
	job    *Job
	log    *slog.Logger
	codecs []state.Codec

	lock   *checkpoint.Lock
	dir    *checkpoint.Dir
	writer *checkpoint.Writer
	// place is where the input stands, and age what is said of the newest checkpoint's age; both are set once the task
	// is open.
	place func() ingest.Place
	age   checkpointAge
	// about is what all of the run's manifests have in common.
	about checkpoint.Manifest
	// stage is where the migration is; nil where there is none. It is set once the runner is made.
	stage func() stage.Status
	// lastStage is the last change of stage at the checkpoint that the run continues from.
	lastStage *stage.Change
	// resumed is the state that the run continues from, nil where it begins.
	resumed *shadow.Resumption

	// wasRunning says that a process before did not stop cleanly.
	wasRunning bool

	begun time.Time // the newest one
	// stop ends the one that is being written, written waits for it.
	stop    context.CancelFunc
	written sync.WaitGroup
}

// newCheckpoints returns nil for a job that stores no state.
func newCheckpoints(j *Job) (*checkpoints, error) {
	if !j.State.Enabled || !isStateful(j.Plan) {
		return nil, nil
	}
	codecs, err := exec.Codecs(j.Plan)
	if err != nil {
		return nil, err
	}
	return &checkpoints{
		job: j, log: j.Log, codecs: codecs,
		about: checkpoint.Manifest{
			Job: j.Name, Task: task, Parts: j.Parts, Fingerprint: plan.FingerprintOf(j.Parts), Semantics: exec.Semantics, Script: j.Script, Program: "parallax " + j.Program.Version,
		},
	}, nil
}

// path is the directory of the checkpoints.
func (c *checkpoints) path() string { return checkpoint.TaskPath(c.job.State.Dir, c.job.Name, task) }

// newestGeneration returns that of the newest checkpoint, 0 where there is none.
func (c *checkpoints) newestGeneration() (int64, error) {
	newest, err := checkpoint.Newest(checkpoint.ReadDir(c.path()))
	switch {
	case errors.Is(err, fs.ErrNotExist): // the job's first start
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("state directory: %w", err)
	case newest == nil:
		return 0, nil
	}
	return newest.Generation, nil
}

// resume is kafka.Options.Resume: it takes the state directory, and returns the place of the
// checkpoint to continue from, nil to begin.
func (c *checkpoints) resume(at kafka.Committed) (*ingest.Place, error) {
	path := c.path()
	var err error
	if c.lock, err = checkpoint.LockDir(path); err != nil {
		return nil, err
	}
	if o := c.lock.Former; o != nil {
		c.log.Warn("the process that had the state directory before did not release it", "directory", path, "owner", o.String())
	}
	c.dir = checkpoint.ReadDir(path)
	if c.writer, err = checkpoint.NewWriter(c.dir, c.codecs, checkpoint.Options{Keep: c.job.State.Keep, Rate: c.job.State.Rate, Log: c.log}); err != nil {
		return nil, err
	}
	c.about.Generation = at.Generation
	began := time.Now()
	if c.wasRunning, err = checkpoint.IsRunning(c.dir); err != nil {
		return nil, err
	}
	from, err := c.choose(at)
	if err == nil {
		err = checkpoint.BeginRunning(c.dir)
	}
	if from.Manifest == nil || err != nil {
		return nil, err
	}
	m := from.Manifest
	c.begun = time.Now()
	c.age.stored.Store(m.Written.UnixMilli())
	c.lastStage = m.Stage
	c.resumed = &shadow.Resumption{State: from.State, Next: m.Place.Batch}
	c.log.Info("the job continues from a checkpoint", "checkpoint", c.dir.Location(m.ID.Manifest()), "position", m.Place.Position,
		"written", m.Written, "clean stop", m.Clean, "bytes", m.Size(), "read in", time.Since(began).Round(time.Millisecond))
	return &m.Place, nil
}

// choose returns the checkpoint to continue from, the zero Choice to begin.
func (c *checkpoints) choose(at kafka.Committed) (checkpoint.Choice, error) {
	want := checkpoint.Want{Job: c.job.Name, Task: task, Generation: at.Generation, Fingerprint: c.about.Fingerprint, Parts: c.about.Parts, Position: at.Note.Position}
	if len(at.Offsets) == 0 {
		return c.chooseWithoutOffsets(want)
	}
	choice, err := checkpoint.Choose(context.Background(), c.dir, want, c.codecs)
	if err != nil {
		return checkpoint.Choice{}, err
	}
	for _, err := range choice.Damaged {
		c.log.Warn("a checkpoint is damaged; an older one is used", "error", err)
	}
	m := choice.Manifest
	if m.Semantics != exec.Semantics && m.Place.Position != at.Note.Position {
		return checkpoint.Choice{}, fmt.Errorf("checkpoint %s was written by %s, which may make other rows of the %d records after it than this version: start the job once with that version and stop it (INT or TERM), so that nothing is left to replay",
			c.dir.Location(m.ID.Manifest()), m.Program, at.Note.Position-m.Place.Position)
	}
	return choice, nil
}

// chooseWithoutOffsets returns the checkpoint to continue from where the group has no offsets:
// they expire when a group has no members. After a clean stop the checkpoint has them all.
func (c *checkpoints) chooseWithoutOffsets(want checkpoint.Want) (none checkpoint.Choice, err error) {
	if c.job.Task.FromStart {
		return none, nil
	}
	newest, err := checkpoint.Newest(c.dir)
	if newest == nil || err != nil {
		return none, err
	}
	want.Generation, want.Position = newest.Generation, newest.Position
	choice, err := checkpoint.Choose(context.Background(), c.dir, want, c.codecs)
	if err != nil {
		return none, err
	}
	m := choice.Manifest
	switch {
	case len(choice.Damaged) > 0:
		return none, fmt.Errorf("group %s has no committed offsets, and the newest checkpoint is damaged, so what was written after the one before is not known; begin again with --from-start (and --append to keep what is in the output topics): %w",
			c.job.Kafka.Group, errors.Join(choice.Damaged...))
	case m.Place.Position == 0:
		return none, nil // nothing was committed
	case !m.Clean || c.wasRunning:
		return none, fmt.Errorf("group %s has no committed offsets, and the job did not stop cleanly after checkpoint %s: what was written after it is not known (the group's offsets expired or were deleted); begin again with --from-start (and --append to keep what is in the output topics)",
			c.job.Kafka.Group, c.dir.Location(m.ID.Manifest()))
	}
	c.about.Generation = m.Generation
	return choice, nil
}

// IsDue reports whether state.interval has passed since the newest checkpoint was begun. While
// that is still being written the one that is due is skipped, before V1 stops for it.
func (c *checkpoints) IsDue() bool {
	c.age.warn(c.log, time.Now())
	if time.Since(c.begun) < c.job.State.Interval {
		return false
	}
	if c.writer.IsBusy() {
		c.begun = time.Now()
		c.job.stored.skipped.Add(1)
		return false
	}
	return true
}

// Keep begins to store a state.
func (c *checkpoints) Keep(ctx context.Context, f *state.Frozen, done func(states.Stored, error)) {
	c.begun = time.Now()
	m := c.manifest(false)
	ctx, c.stop = context.WithCancel(ctx)
	c.written.Go(func() {
		s, err := c.store(ctx, f, m)
		if err != nil && !errors.Is(err, context.Canceled) {
			c.log.Warn("the state was not stored; the checkpoint before stays in use", "error", err)
		}
		done(s, err)
	})
}

// KeepNow stores a state.
func (c *checkpoints) KeepNow(ctx context.Context, f *state.Frozen, isLast bool) (states.Stored, error) {
	c.abandon()
	c.begun = time.Now()
	s, err := c.store(ctx, f, c.manifest(isLast))
	if err == nil && isLast {
		c.endRunning()
	}
	return s, err
}

// endRunning notes that nothing has committed after the newest checkpoint. Where that fails, a start
// without the group's offsets is refused, which is what they are there for.
func (c *checkpoints) endRunning() {
	if err := checkpoint.EndRunning(c.dir); err != nil {
		c.log.Warn("it was not noted that the job has stopped cleanly", "error", err)
	}
}

// manifest describes the state of now.
func (c *checkpoints) manifest(isLast bool) *checkpoint.Manifest {
	m := c.about
	m.Place, m.Clean = c.place(), isLast
	if c.stage != nil {
		m.Stage = c.stage().Last
	}
	return &m
}

// store writes a checkpoint and publishes it.
func (c *checkpoints) store(ctx context.Context, f *state.Frozen, m *checkpoint.Manifest) (states.Stored, error) {
	began := time.Now()
	s, f, err := c.observed(f, m)
	if err == nil {
		err = c.writer.Write(ctx, f, m)
	}
	if err == nil {
		s.release = c.writer.Hold(m.ID)
		if err = c.writer.Publish(m); err != nil {
			s.release()
		}
	}
	if err != nil {
		c.job.stored.failed.Add(1)
		return nil, err
	}
	c.age.stored.Store(m.Written.UnixMilli())
	c.job.stored.count.Add(1)
	c.job.stored.at.Store(m.Written.UnixMilli())
	c.job.stored.bytes.Store(m.Size())
	c.job.stored.nanos.Store(int64(time.Since(began)))
	return s, nil
}

// Forget deletes the generation's checkpoints, because nothing can continue from them.
func (c *checkpoints) Forget() error {
	c.abandon()
	if err := c.writer.Forget(); err != nil {
		return err
	}
	c.endRunning()
	return nil
}

// abandon ends the checkpoint that is being written.
func (c *checkpoints) abandon() {
	if c.stop != nil {
		c.stop()
	}
	c.written.Wait()
}

// closeUnused is close for a process that cannot have committed anything.
func (c *checkpoints) closeUnused() error {
	if c != nil && c.lock != nil && c.dir != nil && !c.wasRunning {
		c.endRunning()
	}
	return c.close()
}

// close gives the state directory to the next process.
func (c *checkpoints) close() error {
	if c == nil {
		return nil
	}
	c.abandon()
	if c.lock == nil {
		return nil
	}
	return c.lock.Release()
}
