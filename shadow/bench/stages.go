package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/host"
	"parallax/shadow/stage"
	"parallax/shadow/workload"
)

// StageCost is what a stage of a migration costs V1: the same runner over the same records in
// each stage, alternately. In shadow V1's rows are emitted at once; in a canary and in promoted
// they wait until they are compared with V2's.
type StageCost struct {
	Scenario string `json:"scenario"`
	// Mode describes the pace, Stage is the stage.
	Mode  string `json:"mode"`
	Stage string `json:"stage"`
	Cores int    `json:"cores"`
	Batch int    `json:"batch"`
	// Load is V1's share of one core when it runs alone, 0 at full speed. Due is the pace of that, in
	// records/s: the measured speed is less if the machine could not keep it up.
	Load   float64 `json:"load"`
	Due    float64 `json:"due_per_s,omitempty"`
	Rounds int     `json:"rounds"`
	// Records is the number of records of a round; Rows, RowsOfV2 and Checksum are of the rows
	// that were emitted of them. Rows and Checksum are equal in all stages.
	Records  int    `json:"records"`
	Rows     int    `json:"rows"`
	RowsOfV2 int64  `json:"rows_of_v2"`
	Checksum string `json:"checksum"`
	// RecordsPerSecond is by round; Throughput is that divided by shadow's of the same round.
	RecordsPerSecond Spread `json:"records_per_s"`
	Throughput       Spread `json:"throughput"`
	// P50 and P99 are how long a batch took from when it was due until its rows were emitted, in
	// ns, in the second half of each round; at full speed it is due when it is taken.
	P50 Spread `json:"p50"`
	P99 Spread `json:"p99"`
	// WaitP50 and WaitP99 are how long rows waited for V2 after V1 had finished, in ns, over each
	// round, as the metric emit_wait has them; 0 in shadow. Fallbacks counts, over all rounds,
	// how often they waited in vain.
	WaitP50   Spread `json:"wait_p50"`
	WaitP99   Spread `json:"wait_p99"`
	Fallbacks int64  `json:"fallbacks"`
}

// stageMode is a pace at which the stages are measured.
type stageMode struct {
	name  string
	load  float64 // 0 is full speed
	lasts time.Duration
}

var (
	stageModes = []stageMode{
		{name: "60 % load, a spare core", load: 0.6, lasts: 3 * time.Second},
		{name: "full speed", lasts: 1500 * time.Millisecond},
	}
	stagesMeasured = []stage.Stage{{Kind: stage.Shadow}, {Kind: stage.Canary, Percent: 25}, {Kind: stage.Promoted}}
)

// RunStages measures what the stages of a migration cost V1 in a scenario.
func RunStages(ctx context.Context, id string, opt Options, doc *Document) error {
	opt = opt.withDefaults()
	s, err := lookup(id)
	if err != nil {
		doc.Skipped = append(doc.Skipped, fmt.Sprintf("stages, scenario %s: %v", id, err))
		return nil
	}
	if runtime.NumCPU() < twoCores {
		doc.Skipped = append(doc.Skipped, "stages: this machine has one core")
		return nil
	}
	q, err := newQuery(s.sql)
	if err != nil {
		return err
	}
	records := sideBySideRecords
	if opt.Records > 0 {
		records = opt.Records
	}
	in := NewInput(s.data, workload.Options{Records: records, Seed: opt.Seed})
	for _, mode := range stageModes {
		opt.Progress(fmt.Sprintf("scenario %s, the stages: %s", id, mode.name))
		list, err := measureStages(ctx, &sideBySide{q: q, s: s, in: in}, mode, opt.Rounds)
		if err != nil {
			return fmt.Errorf("scenario %s, stages, %s: %w", id, mode.name, err)
		}
		doc.Stages = append(doc.Stages, list...)
	}
	return nil
}

// stageLane is a stage in one mode.
type stageLane struct {
	stage stage.Stage
	want  output // of the first run
	// A value for each round.
	perSecond, p50, p99, wait50, wait99 []float64
	ofV2, fallbacks                     int64
}

func measureStages(ctx context.Context, m *sideBySide, mode stageMode, rounds int) ([]StageCost, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(twoCores))
	busy, err := m.serviceTime()
	if err != nil {
		return nil, err
	}
	batches, interval := int(mode.lasts/busy), time.Duration(0)
	if mode.load > 0 {
		interval = time.Duration(float64(busy) / mode.load)
		batches = int(mode.lasts / interval)
	}
	batches = max(batches, 2)
	defer host.TakeSlack(live().Candidate.Memory)() // as in a job that has run for long
	var lanes []*stageLane
	for _, s := range stagesMeasured {
		l := &stageLane{stage: s}
		lanes = append(lanes, l)
		l.want.check = true
		if err := l.once(ctx, m, interval, batches, &l.want, new(stageLane)); err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		if first := &lanes[0].want; l.want.rows != first.rows || l.want.sum != first.sum {
			return nil, fmt.Errorf("%s emits %d rows with checksum %s, and shadow %d with %s", s, l.want.rows, l.want.checksum(), first.rows, first.checksum())
		}
	}
	for round := range rounds {
		for i := range lanes {
			l := lanes[(round+i)%len(lanes)]
			if round%2 == 1 {
				l = lanes[len(lanes)-1-(round+i)%len(lanes)]
			}
			var out output
			if err := l.once(ctx, m, interval, batches, &out, l); err != nil {
				return nil, fmt.Errorf("%s: %w", l.stage, err)
			}
			if out.rows != l.want.rows || out.bytes != l.want.bytes {
				return nil, fmt.Errorf("%s emits %d rows of %d bytes, and %d of %d the first time", l.stage, out.rows, out.bytes, l.want.rows, l.want.bytes)
			}
		}
	}
	due := 0.0
	if interval > 0 {
		due = sideBySideBatch / interval.Seconds()
	}
	var list []StageCost
	for _, l := range lanes {
		list = append(list, StageCost{
			Scenario: m.s.id, Mode: mode.name, Stage: l.stage.String(), Cores: twoCores, Batch: sideBySideBatch, Load: mode.load, Due: due, Rounds: rounds,
			Records: batches * sideBySideBatch, Rows: l.want.rows, RowsOfV2: l.ofV2, Checksum: l.want.checksum(),
			RecordsPerSecond: spreadOf(l.perSecond), Throughput: pairedRatio(lanes[0].perSecond, l.perSecond),
			P50: spreadOf(l.p50), P99: spreadOf(l.p99), WaitP50: spreadOf(l.wait50), WaitP99: spreadOf(l.wait99), Fallbacks: l.fallbacks,
		})
	}
	return list, nil
}

// once runs a stage over a number of batches, and adds its figures.
func (l *stageLane) once(ctx context.Context, m *sideBySide, interval time.Duration, batches int, out *output, to *stageLane) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	runtime.GC()
	source, err := m.q.feed(m.in, sideBySideBatch, interval, 0)
	if err != nil {
		return err
	}
	source.batches, source.dues = batches, make([]time.Time, 0, batches)
	encoders, err := m.q.encoders()
	if err != nil {
		return err
	}
	var took []time.Duration
	sink := &discard{encoders: encoders, out: out, emitted: func(b *row.Batch) {
		if b.Len() > 0 {
			took = append(took, time.Since(source.dues[b.Seq]))
		}
	}}
	job := shadow.Job{
		Source: source, Output: staged{sink}, RequireLevel: m.s.level, Config: keptUp(), Candidate: m.q.candidate(shadowPartitions),
		Stage: stage.Status{Stage: l.stage},
	}
	r, err := m.q.newRunner(job)
	if err != nil {
		return err
	}
	rep, err := r.Run(ctx)
	if err != nil {
		return err
	}
	if err := checkLedger(rep, source.records, true); err != nil {
		return err
	}
	now := r.Stage()
	if now.Stage != l.stage {
		return errors.New("the job has gone back to " + now.Stage.String())
	}
	took = took[len(took)/2:] // the first half is warm-up
	slices.Sort(took)
	to.perSecond = append(to.perSecond, float64(source.records)/sink.last.Sub(source.start).Seconds())
	to.p50, to.p99 = append(to.p50, float64(quantile(took, 0.5))), append(to.p99, float64(quantile(took, 0.99)))
	to.wait50, to.wait99 = append(to.wait50, float64(now.Emission.WaitP50)), append(to.wait99, float64(now.Emission.WaitP99))
	to.ofV2 = now.Emission.RowsOfV2
	to.fallbacks += now.Emission.Fallbacks
	return nil
}

// keptUp is a live job's configuration in which V1 waits for V2 if that falls behind. A V2
// that was shed would send the job back to shadow.
func keptUp() shadow.Config {
	c := live()
	c.Candidate.OnOverload = candidate.Block
	c.Candidate.Backpressure.Enabled = false
	return c
}

// staged is an output that takes changes of stage.
type staged struct{ *discard }

// RecordsStages implements emission.StageRecorder.
func (staged) RecordsStages() bool { return true }

// RecordStage implements emission.StageRecorder. It records nothing.
func (staged) RecordStage(context.Context, *stage.Change) error { return nil }
