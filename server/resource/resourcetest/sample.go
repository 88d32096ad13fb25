package resourcetest

import (
	"math"
	"math/rand/v2"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/server/resource"
	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// at is a stage, from its text.
func at(text string) stage.Stage {
	s, err := stage.Parse(text)
	if err != nil {
		panic(err) // a text of this package
	}
	return s
}

// plan is the plan of all jobs.
func plan() []resource.PlanStep {
	return []resource.PlanStep{
		{Stage: at("canary:1"), MinTime: 10 * time.Minute},
		{Stage: at("canary:5"), MinTime: time.Hour},
		{Stage: at("canary:25"), MinTime: 4 * time.Hour},
		{Stage: at("promoted"), MinTime: 24 * time.Hour},
		{Stage: at("done")},
	}
}

// empty is a job without evidence.
func empty(name, file string) *job {
	j := &job{
		Job: resource.Job{
			Job: name, State: resource.Starting, Verdict: "inconclusive", VerdictReason: "no records were compared yet", LevelHeld: "none", V1: "v1", V2: "v2:4",
			Since: Now, File: file, Speed: []float64{},
		},
		stage: resource.Stage{Job: name, Step: -1, Plan: plan(), Since: Now, Control: "v1", Emits: emits(stage.Stage{})},
		details: resource.Details{
			Outputs: []resource.Output{}, Partitions: []resource.Partition{}, Timeline: []evidence.Point{}, Holes: []evidence.Interruption{},
			Routing: []resource.Routing{}, Mutations: []evidence.Mutation{},
		},
		divergences: []resource.Divergence{}, signatures: []resource.Signature{}, columns: []resource.Column{}, history: []resource.HistoryEntry{},
		changes: []resource.StageChange{}, reports: []resource.Report{}, config: config(name, file),
	}
	j.stage.Next = &resource.NextStage{Stage: at("canary:1"), At: Now.Add(10 * time.Minute), Missing: []string{"No records were compared yet: 10,000 are needed."}}
	j.verdict = verdict.Document{
		Version: verdict.Version, Job: name, Verdict: gate.Inconclusive, Code: 3, Reason: j.VerdictReason, MadeAt: Now,
		Policy: verdict.Policy{RequireLevel: diff.E2, Policy: gate.DefaultPolicy()}, Missing: []verdict.Missing{{Rule: "input", Reason: "no records were compared yet"}},
	}
	return j
}

// since is when a ledger's records began to be compared: with the job, or after its newest
// interruption.
func (j *job) since() *time.Time {
	at := j.Job.Since
	if len(j.details.Holes) > 0 {
		at = j.details.Holes[0].At
	}
	return &at
}

// newest is the time of the newest evidence.
func newest() *time.Time {
	at := Now.Add(-8 * time.Second)
	return &at
}

// shape is how the figures of a job move.
type shape struct {
	points  int
	each    time.Duration
	v1      float64 // records per second
	ratio   float64
	lag     float64
	roots   func(i int) int64
	skipped func(i int) bool
}

// timeline draws a shape, up to Now.
func (s shape) timeline() []evidence.Point {
	list := []evidence.Point{}
	from := Now.Add(-time.Duration(s.points) * s.each)
	random := rand.New(rand.NewPCG(uint64(s.points), 7)) // the same in every run
	noise := func(size float64) float64 { return size * random.NormFloat64() }
	for i := range s.points {
		if s.skipped != nil && s.skipped(i) {
			continue
		}
		x := float64(i)
		wave := 1 + 0.12*math.Sin(x/21) + 0.06*math.Sin(x/6.3) + noise(0.025)
		r := s.ratio * (1 + 0.04*math.Sin(x/17) + noise(0.014))
		tax := max(0, 0.018+0.004*math.Sin(x/12)+noise(0.004))
		begin := from.Add(time.Duration(i) * s.each)
		p := evidence.Point{
			From: begin, To: begin.Add(s.each), Records: int64(s.v1 * wave * s.each.Seconds() / 9), Rows: int64(s.v1 * wave * s.each.Seconds() / 10),
			V1: evidence.Figure(s.v1 * wave), V2: evidence.Figure(s.v1 * wave * r), Ratio: evidence.Figure(r), RatioCI95: evidence.Interval{r * 0.97, r * 1.035},
			Tax: &tax, Lag: int64(s.lag * max(0.1, 1+0.35*math.Sin(x/19)+noise(0.18))),
		}
		if s.roots != nil {
			p.Roots = s.roots(i)
		}
		list = append(list, p)
	}
	return list
}

// show gives a job a shape.
func (j *job) show(s shape) {
	j.details.Timeline = s.timeline()
	newest := j.details.Timeline[len(j.details.Timeline)-1]
	ratio, lag := float64(newest.Ratio), newest.Lag
	j.Ratio, j.Lag = &ratio, &lag
	for _, p := range j.details.Timeline[max(0, len(j.details.Timeline)-48):] {
		j.Speed = append(j.Speed, math.Round(float64(p.V1)))
	}
}

// identity is what a run proves something about.
func identity(run, v2 string) evidence.RunIdentity {
	return evidence.RunIdentity{Run: run, Fingerprint: "0d1f7a2b9c55", V1: "v1 1.4.0", V2: v2, Rules: "9a1c44d20b7e"}
}

// missing are requirements of a verdict that are not met.
func missing(list ...string) (out []verdict.Missing) {
	for _, reason := range list {
		out = append(out, verdict.Missing{Rule: "units", Reason: reason, Lacks: []gate.Lack{}})
	}
	return out
}

// config is a job's configuration.
func config(name, file string) []resource.ConfigValue {
	if file == "api" {
		file = name + ".yaml"
	}
	list := []resource.ConfigValue{
		{Key: "canary.level", Value: "E2", Origin: "default"},
		{Key: "canary.wait", Value: "auto", Origin: "default"},
		{Key: "diff.require_level", Value: "E2", Origin: file + ":31"},
		{Key: "gate.min_keys", Value: "1000", Origin: file + ":35"},
		{Key: "gate.min_records", Value: "100000", Origin: file + ":34"},
		{Key: "job", Value: name, Origin: file + ":1"},
		{Key: "kafka.brokers", Value: "[kafka-1:9093, kafka-2:9093, kafka-3:9093]", Origin: "PARALLAX_KAFKA_BROKERS"},
		{Key: "kafka.group", Value: name, Origin: file + ":3"},
		{Key: "kafka.sasl.password", Value: "(secret)", Origin: "PARALLAX_KAFKA_SASL_PASSWORD"},
		{Key: "migration.auto", Value: "false", Origin: "default"},
		{Key: "migration.plan", Value: "[canary:1 10m, canary:5 1h, canary:25 4h, promoted 24h, done]", Origin: "default"},
		{Key: "migration.rollback.cooldown", Value: "1h0m0s", Origin: "default"},
		{Key: "migration.rollback.max_fallbacks", Value: "3", Origin: "default"},
		{Key: "processors.v1", Value: "v1", Origin: "default"},
		{Key: "processors.v2", Value: "v2:4", Origin: file + ":28"},
		{Key: "shadow.late", Value: "dlq", Origin: file + ":40"},
	}
	return list
}

// sightings of verdicts, one an hour, the newest first.
func history(run string, verdicts ...string) []resource.HistoryEntry {
	list := []resource.HistoryEntry{}
	for i, v := range verdicts {
		reason := map[string]string{
			"pass": "level E2 holds", "fail": "8,003 root divergences at level E2 (value)", "inconclusive": "8,588 of 10,000 units of orders-enriched were compared",
		}[v]
		list = append(list, resource.HistoryEntry{ID: "c0ffee" + run[:4] + string(rune('a'+i)) + "0", At: Now.Add(-time.Duration(i)*time.Hour - 20*time.Minute), Run: run, Verdict: v, Reason: reason})
	}
	return list
}

// nights are reports of the last days, the newest first.
func nights(verdicts ...string) []resource.Report {
	list := []resource.Report{}
	for i, v := range verdicts {
		to := Now.Truncate(24*time.Hour).AddDate(0, 0, -i).Add(2 * time.Hour)
		list = append(list, resource.Report{ID: to.Format("20060102T150405Z"), From: to.AddDate(0, 0, -1), To: to, Verdict: v, Formats: []string{"html", "md", "json", "text", "junit"}})
	}
	return list
}
