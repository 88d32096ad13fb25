package job

import (
	"time"

	"parallax/shadow/metrics"
	"parallax/shadow/stage"
)

// stageMetrics are those of a job's migration. They are 0, as in shadow, while the job does not run.
var stageMetrics = []struct {
	doc metrics.Doc
	of  func(stage.Status) float64
}{
	{
		metrics.Doc{Name: "parallax_stage", Kind: metrics.Gauge, Help: "The stage of the migration: 0 shadow, 1 canary, 2 promoted, 3 done."},
		func(s stage.Status) float64 { return float64(s.Stage.Kind) },
	},
	{
		metrics.Doc{Name: "parallax_stage_v2_percent", Kind: metrics.Gauge, Help: "The percentage of the keys whose rows are V2's by the stage: 0 in shadow, 100 in promoted and done."},
		func(s stage.Status) float64 { return percentOfV2(s.Stage) },
	},
	{
		metrics.Doc{Name: "parallax_stage_since_timestamp_seconds", Kind: metrics.Gauge, Help: "When the stage began, as Unix time; 0 while that is not known."},
		func(s stage.Status) float64 { return unixSeconds(s.Since) },
	},
	{
		metrics.Doc{Name: "parallax_fallbacks_total", Kind: metrics.Counter, Help: "Fallback episodes since the stage began, in which V1's rows were emitted because V2 did not finish in time."},
		func(s stage.Status) float64 { return float64(s.Emission.Fallbacks) },
	},
	{
		metrics.Doc{Name: "parallax_v2_emitted_rows_total", Kind: metrics.Counter, Help: "Rows with V2's values that were emitted since the stage began."},
		func(s stage.Status) float64 { return float64(s.Emission.RowsOfV2) },
	},
	{
		metrics.Doc{Name: "parallax_emit_wait_p50_seconds", Kind: metrics.Gauge, Help: "How long a batch's rows waited for V2 after V1 had finished, since the stage began: the median."},
		func(s stage.Status) float64 { return s.Emission.WaitP50.Seconds() },
	},
	{
		metrics.Doc{Name: "parallax_emit_wait_p99_seconds", Kind: metrics.Gauge, Help: "How long a batch's rows waited for V2 after V1 had finished, since the stage began: the 99th percentile."},
		func(s stage.Status) float64 { return s.Emission.WaitP99.Seconds() },
	},
	{
		metrics.Doc{Name: "parallax_stage_strikes", Kind: metrics.Gauge, Help: "How often the job went back by itself since the migration was last released."},
		func(s stage.Status) float64 { return float64(s.Strikes) },
	},
	{
		metrics.Doc{Name: "parallax_stage_held", Kind: metrics.Gauge, Help: "1 while the migration is held until a person releases it, else 0."},
		func(s stage.Status) float64 {
			if s.IsHeld {
				return 1
			}
			return 0
		},
	},
}

// percentOfV2 is the percentage of the keys whose rows are V2's in a stage.
func percentOfV2(s stage.Stage) float64 {
	switch s.Kind {
	case stage.Canary:
		return s.Percent
	case stage.Promoted, stage.Done:
		return 100
	default:
		return 0
	}
}

func unixSeconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1e3
}

// runningStage is the stage of the runner; the zero status without one. Unlike Stage it reads no stored changes, since
// metrics are read often.
func (j *Job) runningStage() stage.Status {
	if r := j.running.Load(); r != nil && r.runner != nil {
		return r.runner.Stage()
	}
	return stage.Status{}
}
