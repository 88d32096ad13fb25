package page

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"parallax/diff"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/reports/look"
	"parallax/server/resource"
)

// overviewView is the first page of a job.
type overviewView struct {
	Job                       resource.Job
	Verdict, Decision, Reason string
	VerdictID                 string
	Missing                   []string
	Ladder                    ladder
	Tiles                     []tile
	Buckets                   []look.Bucket
	Records                   string
	Charts                    []look.Chart
	Outputs                   []outputRow
	Partitions                []partitionRow
	Details                   resource.Details
	// Since says since when there are figures, Until is the time of the newest; nil for none.
	// IsBefore: the job has begun again since then, and the figures are those of before.
	Since, Until *time.Time
	IsBefore     bool
	// Interrupted is the kind of the newest interruption, after which the figures begin; "" for none.
	Interrupted string
	// NoCharts says why there are no charts.
	NoCharts           string
	Injected, Detected int64
	Changes            []resource.StageChange
	Roots              int64
}

// tile is a figure with its name and what it means.
type tile struct{ Name, Value, Note, Kind string }

type outputRow struct {
	resource.Output
	Kind string
}

type partitionRow struct {
	resource.Partition
	// Share is in per cent of all records, Of that of the largest partition.
	Share string
	Of    float64
	Busy  string
}

func (p *Pages) overview(r *http.Request, _ resource.Actor) (view, error) {
	name, ctx := r.PathValue("job"), r.Context()
	if file := r.URL.Query().Get("file"); file != "" {
		return p.refusedFile(r, resource.NewProblem(http.StatusNotFound, "File not found", "No job file "+file+" is refused now.", "Begin at the list of jobs."))
	}
	details, err := p.Service.Details(ctx, name)
	if problem, ok := errors.AsType[*resource.Problem](err); ok && problem.Status == http.StatusNotFound {
		return p.refusedFile(r, problem)
	}
	if err != nil {
		return view{}, err
	}
	verdict, err := p.Service.Verdict(ctx, name)
	if err != nil {
		return view{}, err
	}
	ledger, err := p.Service.Ledger(ctx, name)
	if err != nil {
		return view{}, err
	}
	st, err := p.Service.Stage(ctx, name)
	if err != nil {
		return view{}, err
	}
	changes, err := p.Service.StageHistory(ctx, name)
	if err != nil {
		return view{}, err
	}
	j := &details.Job // its figures may be some seconds older than the verdict
	j.Verdict, j.VerdictReason = string(verdict.Verdict), verdict.Reason
	if verdict.Run == details.Identity.Run { // else it is on the run before
		j.LevelHeld, j.Roots = verdict.LevelHeld.String(), verdict.Divergences.Root
		j.Records = max(j.Records, verdict.Records, ledger.Records)
	}
	v := overviewView{
		Job: details.Job, Verdict: string(verdict.Verdict), Decision: document.Decision(verdict.Verdict, verdict.Code, verdict.Records), VerdictID: verdict.ID,
		Reason: look.Sentence(look.Text(verdict.Reason)), Ladder: p.ladder(st, details.Job.State), Buckets: look.Ledger(ledger.Ledger, ledger.Records, ledger.Late), Records: gate.Thousands(ledger.Records),
		Charts: look.Charts(details.Timeline, p.Location), Partitions: balance(details.Partitions), Details: details, Changes: changes[:min(len(changes), mostChanges)], Roots: details.Job.Roots,
	}
	v.Since, v.Until = ledger.Since, ledger.Until
	v.IsBefore = isBefore(j, ledger.Until)
	if len(details.Holes) > 0 {
		v.Interrupted = details.Holes[0].Kind // the newest
	}
	v.NoCharts = noCharts(details)
	for _, m := range verdict.Missing {
		v.Missing = append(v.Missing, look.Sentence(look.Text(m.Reason)))
	}
	if verdict.Verdict == gate.Inconclusive && len(v.Missing) > 0 {
		v.Reason = "" // the list says it
	}
	for _, m := range details.Mutations {
		v.Injected, v.Detected = v.Injected+m.Injected, v.Detected+m.Detected
	}
	for _, o := range details.Outputs {
		v.Outputs = append(v.Outputs, outputRow{o, levelKind(o.Level, verdict.Policy.RequireLevel, o.Rows)})
	}
	v.Tiles = p.tiles(details, verdict.Policy.RequireLevel)
	return view{template: "overview", title: look.Name(name), section: "jobs", tab: "overview", job: &details.Job, data: v}, nil
}

// isBefore reports whether a job has begun again after its newest figures were made.
func isBefore(j *resource.Job, until *time.Time) bool {
	switch j.State {
	case resource.Starting, resource.Waiting, resource.Running:
		return until != nil && j.Since.After(*until)
	}
	return false
}

// noCharts says why figures over time are not drawn; it is only said where they are not.
func noCharts(d resource.Details) string {
	switch state := d.Job.State; {
	case len(d.Timeline) == 1 && d.Timeline[0].V1 != 0:
		p := d.Timeline[0]
		text := fmt.Sprintf("There is one figure only, and a chart needs two: V1 %s records per second", compact(float64(p.V1)))
		if p.V2 != 0 {
			text += fmt.Sprintf(", V2 %s", compact(float64(p.V2)))
		}
		return text + "."
	case state == resource.Running || state == resource.Starting || state == resource.Waiting:
		return "No figures yet: they appear a few seconds after records were compared."
	}
	return "There are no figures of this run yet: it does not run, and none were stored."
}

// refusedFile shows a job file of which there is no job, because it cannot be used.
func (p *Pages) refusedFile(r *http.Request, problem *resource.Problem) (view, error) {
	list, err := p.Service.Jobs(r.Context())
	if err != nil {
		return view{}, err
	}
	for _, j := range list {
		if file := r.URL.Query().Get("file"); j.Job == r.PathValue("job") && j.FileError != "" && (file == "" || file == j.File && isFileOnly(j)) {
			return view{}, resource.NewProblem(http.StatusConflict, j.Job+" is not deployed", j.FileError, "mend "+j.File+": the server reads it again by itself")
		}
	}
	return view{}, problem
}

// mostChanges is how many changes of stage are shown.
const mostChanges = 12

// levelKind is the class of a level where another one is required.
func levelKind(level string, required diff.Level, rows int64) string {
	held, err := diff.ParseLevel(level)
	switch {
	case rows == 0:
		return "plain"
	case err == nil && held >= required:
		return "pass"
	}
	return "fail"
}

func (p *Pages) tiles(d resource.Details, required diff.Level) []tile {
	j := d.Job
	list := []tile{
		{"Level held", j.LevelHeld, "required: " + required.String(), ""},
		{"V2's speed", ratio(j.Ratio), "of V1's", ""},
		{"Lag", "–", "records behind", ""},
		{"Records", compact(float64(j.Records)), gate.Thousands(j.Records), ""},
		{"Root divergences", gate.Thousands(j.Roots), "not covered by a rule or an acceptance", ""},
	}
	if j.Ratio == nil {
		list[1].Note = "of V1's, not known yet"
	}
	if j.Lag != nil {
		list[2].Value = compact(float64(*j.Lag))
	}
	if j.Roots > 0 {
		list[4].Kind = "fail"
	}
	if e := d.Emission; e != nil {
		list = append(list, tile{"Rows from V2", compact(float64(e.V2Rows)), "emitted since the step began", ""},
			waitTile(e),
			tile{"Fallbacks", fmt.Sprint(len(e.Fallbacks)), "episodes in this stage", ""})
		if len(e.Fallbacks) > 0 {
			list[len(list)-1].Note = "newest " + span(p.Now().Sub(e.Fallbacks[len(e.Fallbacks)-1])) + " ago"
		}
	}
	return list
}

// waitTile shows how long rows wait to be verified.
func waitTile(e *resource.Emission) tile {
	if e.WaitP99MS == 0 { // none has gone out
		return tile{"Wait before emission", "–", "no row was emitted yet", ""}
	}
	return tile{"Wait before emission", fmt.Sprintf("%.3g ms", e.WaitP50MS), fmt.Sprintf("99 %%: %.3g ms", e.WaitP99MS), ""}
}

// balance compares V2's partitions with the largest.
func balance(list []resource.Partition) (rows []partitionRow) {
	var most, all int64
	for _, part := range list {
		most, all = max(most, part.Records), all+part.Records
	}
	for _, part := range list {
		row := partitionRow{Partition: part, Share: "–", Busy: fmt.Sprintf("%.1f s", part.BusyMS/1000)}
		if all > 0 {
			row.Share, row.Of = fmt.Sprintf("%.1f %%", 100*float64(part.Records)/float64(all)), 100*float64(part.Records)/float64(most)
		}
		rows = append(rows, row)
	}
	return rows
}
