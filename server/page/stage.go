package page

import (
	"net/http"
	"strings"

	"parallax/reports/look"
	"parallax/server/resource"
	"parallax/shadow/stage"
)

// stageView asks to confirm a change of stage.
type stageView struct {
	Job     resource.Job
	Stage   resource.Stage
	Request resource.StageRequest
	// Target is the stage that is asked for, or next, back or release.
	Target  string
	IsBack  bool
	IsSet   bool
	Says    string
	Missing []string
	// Choices are the stages to go back to.
	Choices  []choice
	CanForce bool
	Error    *failure
}

func (p *Pages) stageForm(r *http.Request, by resource.Actor) (view, error) {
	return p.confirmStage(r, by, resource.StageRequest{To: r.URL.Query().Get("to")}, nil)
}

func (p *Pages) setStage(r *http.Request, by resource.Actor) (view, error) {
	request := resource.StageRequest{To: r.PostFormValue("to"), Reason: strings.TrimSpace(r.PostFormValue("reason")), Force: r.PostFormValue("force") == "yes"}
	v, err := p.confirmStage(r, by, request, nil)
	if err != nil {
		return view{}, err
	}
	if data := v.data.(stageView); !data.IsBack {
		if err := need(by, resource.Deploy); err != nil {
			return view{}, err
		}
	}
	if _, err := p.Service.SetStage(r.Context(), by, r.PathValue("job"), request); err != nil {
		return p.confirmStage(r, by, request, err)
	}
	did := "stage"
	if request.To == resource.Release {
		did = "release"
	}
	return view{redirect: address(r.PathValue("job")) + "?" + query("did", did)}, nil
}

// confirmStage shows what a change of stage means; failed is why it was refused before.
func (p *Pages) confirmStage(r *http.Request, by resource.Actor, request resource.StageRequest, failed error) (view, error) {
	j, err := p.Service.Job(r.Context(), r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	st, err := p.Service.Stage(r.Context(), j.Job)
	if err != nil {
		return view{}, err
	}
	v := stageView{Job: j, Stage: st, Request: request, Target: request.To, CanForce: by.Role.Includes(resource.Deploy)}
	title := "Change the stage of " + look.Name(j.Job)
	switch request.To {
	case resource.Next:
		if st.Next == nil {
			return view{}, resource.NewProblem(http.StatusConflict, "No next stage", "The plan of "+j.Job+" ends at "+st.Stage.String()+".", "Go back, or change migration.plan.")
		}
		v.Target, v.Says = st.Next.Stage.String(), consequence(st.Next.Stage)
		for _, m := range st.Next.Missing {
			v.Missing = append(v.Missing, look.Sentence(look.Text(m)))
		}
	case resource.Back:
		v.IsBack, v.Says, v.Choices = true, "The change is made at once, also while V2 hangs; it needs nothing but V1.", before(st)
	case resource.Release:
		v.Says = "The migration may go forward again. It was held because it went back by itself too often: make sure that the cause is gone."
	default:
		to, err := stage.Parse(request.To)
		if err != nil {
			return view{}, resource.NewProblem(http.StatusBadRequest, "Unknown stage", err.Error(), "Choose one on the page of the job.")
		}
		v.Target, v.Says, v.IsSet, v.IsBack = to.String(), consequence(to), true, to.IsBefore(st.Stage)
	}
	status := http.StatusOK
	if failed != nil {
		f := failureOf(failed)
		v.Error, status = &f, f.Status
		if len(f.Missing) > 0 {
			v.Missing = nil
		}
	}
	return view{template: "stage", title: title, section: "jobs", tab: "overview", job: &j, data: v, status: status}, nil
}

// choice is a stage that can be chosen.
type choice struct{ To, Says string }

// before are the stages before the present one, shadow first. After done V1 has to begin again
// with V2's state, which it does in shadow only.
func before(s resource.Stage) []choice {
	list := []choice{{resource.Back, "shadow: " + emits(stage.Stage{})}}
	for _, step := range s.Plan {
		if step.Stage.Kind != stage.Shadow && step.Stage.IsBefore(s.Stage) && s.Stage.Kind != stage.Done {
			list = append(list, choice{step.Stage.String(), step.Stage.String() + ": " + emits(step.Stage)})
		}
	}
	return list
}

// consequence says what a stage means for the rows that consumers get.
func consequence(s stage.Stage) string {
	switch s.Kind {
	case stage.Shadow:
		return "Consumers get V1's rows. V2 goes on beside it, and its rows are compared after V1's are emitted."
	case stage.Canary:
		return "Consumers get V2's rows for a part of the keys, and V1's for all others. Each row is compared before it is emitted: a row that differs never goes out."
	case stage.Promoted:
		return "Consumers get V2's rows. V1 runs on to verify them before they are emitted, and takes over at once if V2 fails."
	}
	return "V1 is turned off, and consumers get V2's rows. From now on they are not compared. Going back begins a new run with V2's state."
}
