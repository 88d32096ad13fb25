package page

import (
	"fmt"
	"net/http"
	"strings"

	"parallax/reports/look"
	"parallax/server/resource"
)

// jobsView is the list of jobs.
type jobsView struct {
	Summary   string
	Attention []attention
	Jobs      []jobRow
}

// attention is why a person should look at a job.
type attention struct{ Job, Kind, Address, Why string }

type jobRow struct {
	resource.Job
	Address, Ratio, Lag, Speed string
	// From is its file, where another entry has the same name.
	From string
	// Notes are what else there is to say.
	Notes []note
}

type note struct{ Kind, Text string }

func (p *Pages) jobs(r *http.Request, _ resource.Actor) (view, error) {
	list, err := p.Service.Jobs(r.Context())
	if err != nil {
		return view{}, err
	}
	v := jobsView{Summary: summary(list)}
	named := map[string]int{}
	for _, j := range list {
		named[j.Job]++
	}
	for _, j := range list {
		row := jobRow{Job: j, Address: addressOf(j, named[j.Job] > 1), Ratio: ratio(j.Ratio), Lag: "–", Speed: "–"}
		if j.Lag != nil {
			row.Lag = compact(float64(*j.Lag))
		}
		if n := len(j.Speed); n > 0 && j.State == resource.Running {
			row.Speed = compact(j.Speed[n-1]) + "/s"
		}
		say := func(kind, text string) {
			if text != "" {
				row.Notes = append(row.Notes, note{kind, look.Sentence(look.Text(text))})
			}
		}
		say("plain", j.Reason)
		if j.FileError != "" {
			if isFileOnly(j) {
				say("fail", j.FileError)
			} else {
				say("fail", "Its changed job file is not in force: "+j.FileError)
			}
		}
		if named[j.Job] > 1 {
			row.From = look.Text(j.File)
		}
		v.Jobs = append(v.Jobs, row)
		if a := attentionTo(j); a.Why != "" {
			if a.Address = row.Address; row.From != "" {
				a.Job += " (" + row.From + ")"
			}
			v.Attention = append(v.Attention, a)
		}
	}
	return view{template: "jobs", title: "Jobs", section: "jobs", data: v}, nil
}

// isFileOnly reports whether an entry of the list is a job file of which there is no job.
func isFileOnly(j resource.Job) bool {
	return j.State == resource.Failed && j.FileError != "" && j.V1 == "" && j.V2 == ""
}

// addressOf is the page of an entry of the list. A file of which there is no job says which file
// it is where a job, or another file, has the same name.
func addressOf(j resource.Job, isShared bool) string {
	if isShared && isFileOnly(j) {
		return address(j.Job) + "?" + query("file", j.File)
	}
	return address(j.Job)
}

// attentionTo says why a job needs a person; Why is empty if it does not.
func attentionTo(j resource.Job) attention {
	a := attention{Job: j.Job, Kind: "inconclusive"}
	switch {
	case isFileOnly(j):
		a.Kind, a.Why = "fail", "is a job file that cannot be used."
	case j.State == resource.Failed:
		a.Kind, a.Why = "fail", "failed and does not run."
	case j.FileError != "":
		a.Kind, a.Why = "fail", "has a changed job file that is broken."
	case j.Held:
		a.Why = "is held in " + j.Stage.String() + " until it is released."
	case j.Verdict == "fail":
		a.Kind, a.Why = "fail", "has differences: "+look.Text(j.VerdictReason)+"."
	case j.Verdict == "error":
		a.Kind, a.Why = "error", "has no verdict: "+look.Text(j.VerdictReason)+"."
	}
	return a
}

// summary counts jobs by their state.
func summary(list []resource.Job) string {
	counts := map[resource.State]int{}
	for _, j := range list {
		counts[j.State]++
	}
	var parts []string
	for _, s := range []resource.State{resource.Running, resource.Starting, resource.Waiting, resource.Paused, resource.Draining, resource.Stopped, resource.Failed} {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return look.Count(int64(len(list)), "job") + ": " + strings.Join(parts, ", ")
}
