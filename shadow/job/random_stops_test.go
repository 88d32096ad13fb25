package job_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/config"
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow/job"
)

var (
	firstSeed = flag.Uint64("seed", 1, "first seed of the random scripts")
	seedCount = flag.Int("seeds", 40, "how many seeds")
)

// TestJobsOfRandomScriptsContinueAfterAnyStop runs random scripts over random records in parts.
// Processes end at the end of their input, are stopped in the middle, lose their broker for some
// time or for good, or are started with an older state directory, and V2 gets a percentage of the keys
// that changes. What is committed in the end
// equals what one process writes, and that equals the oracle's rows.
func TestJobsOfRandomScriptsContinueAfterAnyStop(t *testing.T) {
	for _, seed := range processortest.Seeds(*firstSeed, *seedCount) {
		stopsOf(t, seed)
	}
}

// TestAJobWhoseBrokersGoAwayAsItLooksAtItsOutputEnds: by these seeds the brokers go away for good while
// a start reads the output topic. It used to wait for them without end.
func TestAJobWhoseBrokersGoAwayAsItLooksAtItsOutputEnds(t *testing.T) {
	for _, seed := range []uint64{74, 75} {
		stopsOf(t, seed)
	}
}

// TestAJobWhoseOnlyStateIsOfItsJoinsKeepsIt: the queries of these seeds only project the rows of joins. Their
// jobs had no checkpoints, and a restart forgot what the joins had stored.
func TestAJobWhoseOnlyStateIsOfItsJoinsKeepsIt(t *testing.T) {
	for _, seed := range []uint64{221, 431} {
		stopsOf(t, seed)
	}
}

// stopsOf runs the scripts of a seed.
func stopsOf(t *testing.T, seed uint64) {
	t.Helper()
	for kind, g := range processortest.RandomGoldens(seed) {
		t.Run(fmt.Sprintf("%d/%d", seed, kind), func(t *testing.T) {
			t.Parallel()
			c, err := newStopsCase(seed, g)
			if err != nil {
				t.Skip(err) // the planner refuses it: processors' tests count those
			}
			c.test(t)
			if t.Failed() {
				t.Logf("seed %d:\n%s\nagain: go test ./shadow/job -run '^%s$' -seeds 1 -seed %d", seed, g.Format(), "TestJobsOfRandomScriptsContinueAfterAnyStop", seed)
			}
		})
	}
}

// stopsCase is a script and its records.
type stopsCase struct {
	seed    uint64
	base    config.Job
	flush   bool
	records []row.Record
	sources map[string]int32
	// percents are what split.percent may be: 100, and less if the script can be sampled.
	percents []float64
	// inParts: records come while the job is stopped. Otherwise they are all there from the
	// beginning, because with several topic-partitions the order depends on which are.
	inParts bool
}

func newStopsCase(seed uint64, g *processortest.Golden) (*stopsCase, error) {
	p, err := g.Plan()
	if err != nil {
		return nil, err
	}
	lines, err := processortest.Lines(g.Input)
	if err != nil {
		return nil, err
	}
	batches, err := processortest.ReadBatches(p, lines, 1<<20, false)
	if err != nil {
		return nil, err
	}
	c := &stopsCase{seed: seed, base: config.Default(), flush: !strings.Contains(g.Options, "no flush"), sources: map[string]int32{}}
	c.base.Name, c.base.SQL, c.base.Kafka.Group = "job", g.Query, "group"
	c.base.V2.Memory = 64 << 20                                           // which each process asks the system for
	if _, err := plan.Compile(g.Query, plan.BuildOptions{}); err != nil { // a bare SELECT
		c.base.Sink.Topic = processortest.DefaultTopic
	}
	if strings.Contains(g.Options, "on_error: dlq") {
		c.base.OnError = "dlq"
	}
	if strings.Contains(g.Options, "late: dlq") {
		c.base.Late = "dlq"
	}
	c.percents = []float64{100}
	if _, err := partitions.NewSampler(p, 50); err == nil {
		c.percents = []float64{100, 50, 5}
	}
	rng := rand.New(rand.NewPCG(seed, 11))
	c.inParts = len(p.Sources) == 1 && rng.IntN(3) > 0
	partitions := int32(1)
	if !c.inParts {
		partitions += rng.Int32N(3)
		c.flush = false // under --flush a topic-partition leaves the watermark at its end
	}
	for _, s := range p.Sources {
		c.sources[s.Topic] = partitions
	}
	for _, b := range batches {
		for i := range b.Len() {
			c.records = append(c.records, *b.Record(i))
		}
	}
	return c, nil
}

// test compares a run in parts with an unbroken one, and that with the oracle.
func (c *stopsCase) test(t *testing.T) {
	var whole, parts []string
	synctest.Test(t, func(t *testing.T) { whole = c.whole(t) })
	if t.Failed() {
		return
	}
	synctest.Test(t, func(t *testing.T) { parts = c.parts(t) })
	if d := processortest.DiffLines(strings.Join(whole, "\n"), strings.Join(parts, "\n")); d != "" {
		t.Errorf("written in parts, compared with one run (- wanted, + came):\n%s", d)
	}
}

// whole is what one process writes, with the oracle as V2.
func (c *stopsCase) whole(t *testing.T) []string {
	j := newJourney(t, c.base, c.sources)
	j.base.State.Dir = stateDir(t)
	j.produce(c.records)
	r, err := j.run(t.Context(), func(cfg *config.Job, opt *job.Options) {
		opt.Flush, cfg.State.Enabled = c.flush, !c.flush
		opt.BuildV2 = func(_ processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
			return processortest.Oracle.New(p, opt)
		}
	})
	if err != nil {
		t.Errorf("one run: %v\n%s", err, j.log.String())
		return nil
	}
	if e := r.Evidence; e.Diff.Root+e.Diff.Cascade != 0 || e.Ledger.Gap != 0 || e.Ledger.Pending != 0 || e.Detached != "" || e.Ledger.Records() != int64(len(c.records)) {
		t.Errorf("one run, compared with the oracle: %d and %d divergences, ledger %+v of %d records, detached: %s\n%s", e.Diff.Root, e.Diff.Cascade, e.Ledger, len(c.records), e.Detached, j.log.String())
	}
	return j.written()
}

// parts is what several processes write.
func (c *stopsCase) parts(t *testing.T) []string {
	rng, share := rand.New(rand.NewPCG(c.seed, 13)), rand.New(rand.NewPCG(c.seed, 17))
	percent := func() float64 { return c.percents[share.IntN(len(c.percents))] }
	j := newJourney(t, c.base, c.sources)
	j.base.State.Dir = stateDir(t)
	left := c.records
	produce := func(n int) {
		j.produce(left[:n])
		left = left[n:]
	}
	if !c.inParts {
		produce(len(left))
	}
	var copies []string
	stops := 2 + rng.IntN(4)
	for range stops {
		produce(rng.IntN(len(left) + 1))
		j.process(rng, percent(), c.stop(j, rng))
		if t.Failed() {
			return nil
		}
		copies = c.putBack(j, rng, copies)
	}
	produce(len(left))
	last := func() (context.Context, time.Duration) { return t.Context(), time.Hour }
	j.process(rng, percent(), last, func(opt *job.Options) { opt.Flush = c.flush })
	return j.written()
}

// stop draws what happens to a process.
func (c *stopsCase) stop(j *journey, rng *rand.Rand) func() (ctx context.Context, patience time.Duration) {
	at, away := 1+rng.IntN(60), time.Duration(rng.IntN(60_000))*time.Millisecond
	how := rng.IntN(4)
	return func() (context.Context, time.Duration) {
		ctx, cancel := context.WithCancel(j.t.Context())
		j.t.Cleanup(cancel)
		patience := time.Hour
		switch how {
		case 0: // the end of the input
		case 1:
			j.note("stop at request %d", at)
			j.wire.after(at, cancel)
		case 2:
			j.note("the broker is away for good at request %d", at)
			patience = 20 * time.Second
			j.wire.after(at, j.wire.cut)
		case 3:
			j.note("the broker is away for %v at request %d", away, at)
			j.wire.after(at, func() {
				j.wire.cut()
				time.AfterFunc(away, j.wire.mend)
			})
		}
		return ctx, patience
	}
}

func (j *journey) note(format string, args ...any) { fmt.Fprintf(&j.log, "-- "+format+"\n", args...) }

// process runs one process of the job.
func (j *journey) process(rng *rand.Rand, percent float64, stop func() (context.Context, time.Duration), more ...func(*job.Options)) {
	j.t.Helper()
	ctx, patience := stop()
	partitions, batch, commit, keep := []int{1, 2, 3, 7}[rng.IntN(4)], 1+rng.IntN(10), 1+rng.IntN(20), 1+rng.IntN(3)
	interval := []time.Duration{time.Nanosecond, time.Hour}[rng.IntN(2)]
	j.note("process: v2:%d with %v %% of the keys, batches of %d, commits of %d, checkpoints each %v", partitions, percent, batch, commit, interval)
	r, err := j.run(ctx, func(cfg *config.Job, opt *job.Options) {
		cfg.Split.Percent = percent
		cfg.Processors.V2.Partitions, cfg.Kafka.Batch, cfg.Commit.MaxRecords = partitions, batch, commit
		cfg.Kafka.Patience, cfg.State.Interval, cfg.State.Keep = patience, interval, keep
		for _, change := range more {
			change(opt)
		}
	})
	isCut := j.wire.isDown()
	j.wire.mend()
	switch {
	case err != nil && (isCut || errors.Is(err, context.Canceled) && ctx.Err() != nil):
		j.note("ended: %v", err)
	case err != nil:
		j.t.Errorf("a process ended: %v\n%s", err, j.log.String())
	case r.Evidence.Diff.Root != 0 || r.Evidence.Ledger.Gap != 0 || r.Evidence.States.Differing != 0:
		j.t.Errorf("%d divergences, states compared: %+v, ledger %+v\n%s", r.Evidence.Diff.Root, r.Evidence.States, r.Evidence.Ledger, j.log.String())
	}
}

func (w *wire) isDown() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.down
}

// putBack copies the state directory, and replaces it by an older copy now and then.
func (c *stopsCase) putBack(j *journey, rng *rand.Rand, copies []string) []string {
	j.t.Helper()
	state := j.base.State.Dir
	if rng.IntN(3) == 0 && len(copies) > 0 {
		n := rng.IntN(len(copies))
		j.note("the state directory is copy %d of %d", n, len(copies))
		replace(j.t, state, copies[n])
	}
	manifests, err := filepath.Glob(filepath.Join(state, "job", "all", "*.json"))
	if err != nil {
		j.t.Fatal(err)
	}
	if len(manifests) == 0 {
		return copies // killed before there was one
	}
	to := stateDir(j.t)
	replace(j.t, to, state)
	return append(copies, to)
}

// stateDir returns a directory in memory, where there is one: a disk that syncs would take
// most of the test's time.
func stateDir(t *testing.T) string {
	t.Helper()
	parent := "/dev/shm"
	if _, err := os.Stat(parent); err != nil {
		parent = ""
	}
	dir, err := os.MkdirTemp(parent, "parallax-state")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
