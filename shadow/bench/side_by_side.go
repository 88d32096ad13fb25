package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/host"
	"parallax/shadow/workload"
)

// SideBySide measures how much V2 slows V1 down: the same runner with and without V2,
// alternately.
type SideBySide struct {
	Scenario string `json:"scenario"`
	// Mode describes the cores and how V2 is limited to them.
	Mode  string `json:"mode"`
	Cores int    `json:"cores"`
	Batch int    `json:"batch"`
	// Load is V1's share of one core when it runs alone, 0 if it runs at full speed.
	Load   float64 `json:"load"`
	Rounds int     `json:"rounds"`
	Off    Side    `json:"off"`
	On     Side    `json:"on"`
	// Throughput, P50 and P99 are V1's figures with V2 divided by those without, by round.
	Throughput Spread `json:"throughput"`
	P50        Spread `json:"p50"`
	P99        Spread `json:"p99"`
	// The ledger of the rounds with V2.
	Compared   int64 `json:"compared"`
	SampledOut int64 `json:"sampled_out"`
	Shed       int64 `json:"shed"`
	Reseeds    int64 `json:"reseeds"`
}

// Side is V1 with or without V2: the median of the rounds' throughput, and the latency of
// batches from when they were due until their rows were encoded, over the second halves of
// all rounds.
type Side struct {
	RecordsPerSecond float64    `json:"records_per_s"`
	Latency          []Quantile `json:"latency"`
}

// Quantile is the time, in ns, within which a share of the batches was done.
type Quantile struct {
	Of float64 `json:"of"`
	Ns int64   `json:"ns"`
}

// quantilesShown are the quantiles for plots of a distribution.
var quantilesShown = []float64{0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999}

// sideBySideMode is a way in which V1 and V2 share a machine.
type sideBySideMode struct {
	name    string
	cores   int
	rounds  int     // at most
	load    float64 // V1's share of one core when it runs alone; 0 is full speed
	lasts   time.Duration
	percent float64 // percentage of the keys that V2 processes
	config  func() shadow.Config
	// checkpoints measures V1 with checkpoints at this interval and without, both without V2;
	// 0 measures V1 with V2 and without.
	checkpoints time.Duration
}

var sideBySideModes = []sideBySideMode{
	{name: "spare core", rounds: 11, cores: twoCores, load: 0.6, lasts: 3 * time.Second, percent: 100, config: live},
	{name: "spare core, V1 on a core of its own", rounds: 11, cores: twoCores, load: 0.6, lasts: 3 * time.Second, percent: 100, config: ownCore},
	{name: "no spare core, 5 % of the keys", rounds: 11, cores: oneCore, lasts: 1500 * time.Millisecond, percent: 5, config: neverShed},
	{name: "no spare core, V2 shed and re-seeded", rounds: 5, cores: oneCore, lasts: 4 * time.Second, percent: 100, config: soonShed},
}

// live is a live job's configuration.
func live() shadow.Config {
	return shadow.Config{Candidate: candidate.Default(), Commit: shadow.DefaultCommit()}
}

// ownCore reserves a core for V1.
func ownCore() shadow.Config {
	c := live()
	c.Control.OwnCore = true
	return c
}

// neverShed returns a configuration that never sheds V2, to measure the cost of a sample.
func neverShed() shadow.Config {
	c := live()
	c.Candidate.SpareCPU = 0
	return c
}

// soonShed sheds V2 sooner than by default, for a machine without a core for it, and
// restarts it sooner, so that a round includes both.
func soonShed() shadow.Config {
	c := live()
	c.Candidate.ShedAfter, c.Candidate.ReseedMax = 100*time.Millisecond, 2*time.Second
	return c
}

const (
	sideBySideRecords = 200_000
	sideBySideBatch   = 1_000
)

// RunSideBySide measures how much V2 slows V1 down in a scenario, in all modes.
func RunSideBySide(ctx context.Context, id string, opt Options, doc *Document) error {
	list, err := runModes(ctx, id, sideBySideModes, opt, doc)
	doc.SideBySide = append(doc.SideBySide, list...)
	return err
}

// checkpointModes measure V1 with checkpoints and without.
var checkpointModes = []sideBySideMode{
	{name: "a checkpoint each second", rounds: 7, cores: twoCores, load: 0.6, lasts: 4 * time.Second, config: live, checkpoints: time.Second},
}

// RunCheckpoints measures how much checkpoints slow V1 down in a scenario, without V2.
func RunCheckpoints(ctx context.Context, id string, opt Options, doc *Document) error {
	list, err := runModes(ctx, id, checkpointModes, opt, doc)
	doc.Checkpoints = append(doc.Checkpoints, list...)
	return err
}

// runModes measures V1 in a scenario, in each of some modes.
func runModes(ctx context.Context, id string, modes []sideBySideMode, opt Options, doc *Document) (list []SideBySide, err error) {
	opt = opt.withDefaults()
	s, err := lookup(id)
	if err != nil {
		doc.Skipped = append(doc.Skipped, fmt.Sprintf("side by side, scenario %s: %v", id, err))
		return nil, nil
	}
	q, err := newQuery(s.sql)
	if err != nil {
		return nil, err
	}
	records := sideBySideRecords
	if opt.Records > 0 {
		records = opt.Records
	}
	m := &sideBySide{q: q, s: s, in: NewInput(s.data, workload.Options{Records: records, Seed: opt.Seed})}
	for _, mode := range modes {
		if mode.cores > runtime.NumCPU() {
			doc.Skipped = append(doc.Skipped, fmt.Sprintf("side by side, %s: this machine has %d cores", mode.name, runtime.NumCPU()))
			continue
		}
		opt.Progress(fmt.Sprintf("scenario %s, V1 on and off: %s", id, mode.name))
		one, err := m.measure(ctx, mode, min(opt.Rounds, mode.rounds))
		if err != nil {
			return list, fmt.Errorf("scenario %s, side by side, %s: %w", id, mode.name, err)
		}
		list = append(list, one)
	}
	return list, nil
}

type sideBySide struct {
	q  *query
	s  *scenario
	in *Input
}

// side collects the rounds of V1 with or without V2.
type side struct {
	perSecond, p50, p99 []float64
	all                 []time.Duration
}

func (m *sideBySide) measure(ctx context.Context, mode sideBySideMode, rounds int) (SideBySide, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(mode.cores))
	r := SideBySide{Scenario: m.s.id, Mode: mode.name, Cores: mode.cores, Batch: sideBySideBatch, Load: mode.load, Rounds: rounds}
	var interval time.Duration
	if mode.load > 0 {
		busy, err := m.serviceTime()
		if err != nil {
			return r, err
		}
		interval = time.Duration(float64(busy) / mode.load)
	}
	// A live job has been running for long: its memory is there.
	defer host.TakeSlack(mode.config().Candidate.Memory)()
	if _, err := m.once(mode, interval, true, new(side)); err != nil {
		return r, err
	}
	var off, on side
	for round := range rounds {
		for i := range 2 {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			// Off and on, then on and off: a drift hits both.
			if isOn := (round+i)%2 == 1; isOn {
				rep, err := m.once(mode, interval, true, &on)
				if err != nil {
					return r, err
				}
				r.Compared += rep.Ledger.Compared + rep.Ledger.Filtered
				r.SampledOut += rep.Ledger.SampledOut
				r.Shed += rep.Ledger.Shed
				r.Reseeds += rep.Reseeds
			} else if _, err := m.once(mode, interval, false, &off); err != nil {
				return r, err
			}
		}
	}
	r.Off, r.On = off.read(), on.read()
	r.Throughput = pairedRatio(off.perSecond, on.perSecond)
	r.P50, r.P99 = pairedRatio(off.p50, on.p50), pairedRatio(off.p99, on.p99)
	return r, nil
}

// serviceTime is V1's time for a batch when it runs alone.
func (m *sideBySide) serviceTime() (time.Duration, error) {
	var times []float64
	for range 3 {
		var alone side
		if _, err := m.once(sideBySideMode{lasts: 400 * time.Millisecond, config: live}, 0, false, &alone); err != nil {
			return 0, err
		}
		times = append(times, sideBySideBatch/alone.perSecond[0])
	}
	return time.Duration(median(times) * float64(time.Second)), nil
}

// once runs one round of one side.
func (m *sideBySide) once(mode sideBySideMode, interval time.Duration, isOn bool, to *side) (rep evidence.Report, err error) {
	runtime.GC()
	source, err := m.q.feed(m.in, sideBySideBatch, interval, mode.lasts)
	if err != nil {
		return rep, err
	}
	encoders, err := m.q.encoders()
	if err != nil {
		return rep, err
	}
	var took []time.Duration
	sink := &discard{encoders: encoders, out: &output{}, emitted: func(b *row.Batch) {
		if b.Len() > 0 {
			took = append(took, time.Since(source.due))
		}
	}}
	job := shadow.Job{Source: source, Output: sink, RequireLevel: m.s.level, Config: mode.config()}
	withV2 := isOn && mode.checkpoints == 0
	switch {
	case withV2:
		err = m.candidate(mode, &job)
	case isOn:
		var k *keeper
		if k, err = newKeeper(m.q.plan, mode.checkpoints); err == nil {
			defer func() { err = errors.Join(err, k.close()) }()
			job.Keeper = k
		}
	}
	if err != nil {
		return rep, err
	}
	rep, err = m.q.runShadow(job)
	if err != nil {
		return rep, err
	}
	// V1's time is from its first batch to the end of its last one; V2 may take longer.
	elapsed := sink.last.Sub(source.start)
	if err := checkLedger(rep, source.records, withV2); err != nil {
		return rep, err
	}
	took = took[len(took)/2:] // the first half is warm-up
	slices.Sort(took)
	to.perSecond = append(to.perSecond, float64(source.records)/elapsed.Seconds())
	to.p50 = append(to.p50, float64(quantile(took, 0.5)))
	to.p99 = append(to.p99, float64(quantile(took, 0.99)))
	to.all = append(to.all, took...)
	return rep, nil
}

func (m *sideBySide) candidate(mode sideBySideMode, job *shadow.Job) (err error) {
	if mode.percent == 100 {
		job.Candidate = m.q.candidate(shadowPartitions)
		return nil
	}
	if job.Sample, err = partitions.NewSampler(m.q.plan, mode.percent); err != nil {
		return err
	}
	job.Candidate = func() (processors.Processor, error) {
		return partitions.NewSampled(candidateConfig(shadowPartitions), m.q.plan, processors.Options{}, mode.percent)
	}
	return nil
}

// checkLedger returns an error unless each record is in one bucket and all compared records
// agree.
func checkLedger(rep evidence.Report, records int64, withV2 bool) error {
	l := rep.Ledger
	switch {
	case rep.Broken != "":
		return errors.New(rep.Broken)
	case rep.Diff.Roots() > 0:
		return fmt.Errorf("V2 differs from V1 in %d places", rep.Diff.Roots())
	case l.Records() != records || l.Gap != 0 || l.Pending != 0:
		return fmt.Errorf("%d records were taken, and the ledger is %+v", records, l)
	case withV2 && l.Compared == 0:
		return fmt.Errorf("nothing was compared: %s", rep.Detached)
	}
	return nil
}

func (s *side) read() Side {
	slices.Sort(s.all)
	r := Side{RecordsPerSecond: median(s.perSecond)}
	for _, of := range quantilesShown {
		r.Latency = append(r.Latency, Quantile{Of: of, Ns: int64(quantile(s.all, of))})
	}
	return r
}

// quantile returns the time within which a share of the batches was done. sorted is sorted
// and not empty.
func quantile(sorted []time.Duration, of float64) time.Duration {
	return sorted[min(int(of*float64(len(sorted))), len(sorted)-1)]
}

// At is a side's quantile; 0 where it was not taken.
func (s Side) At(of float64) time.Duration {
	for _, q := range s.Latency {
		if q.Of == of {
			return time.Duration(q.Ns)
		}
	}
	return 0
}
