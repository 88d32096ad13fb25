package job

import (
	"slices"

	"parallax/config"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// refuseUnused refuses keys of a job that have no effect with its script. The others
// that have none are refused where the job file is read.
func refuseUnused(l *config.Loaded, p *plan.Plan) error {
	switch {
	case l.IsSet("late") && l.Job.Late == "dlq" && !slices.ContainsFunc(p.Stages, dropsLate):
		return l.Unused("late", "no query of the script has a window or joins streams WITHIN a time, so that no record is late")
	case l.IsSet("kafka.max_future") && !slices.ContainsFunc(p.Sources, func(s *row.Source) bool { return s.Timestamp >= 0 }):
		return l.Unused("kafka.max_future", "no source of the script has a timestamp= column")
	}
	return nil
}

// dropsLate reports whether records can be late for a stage.
func dropsLate(q *plan.Query) bool {
	return q.Aggregation != nil && q.Aggregation.Window != nil ||
		slices.ContainsFunc(q.Joins, func(j plan.Join) bool { return j.Within != nil })
}
