package page

import (
	"net/http"

	"parallax/reports/look"
	"parallax/server/resource"
)

// actionView asks to confirm what is done with a job.
type actionView struct {
	Job    resource.Job
	Action resource.Action
	Says   string
	Error  *failure
}

// actions say what they do, and which role they need.
var actions = map[resource.Action]struct {
	says string
	role resource.Role
}{
	resource.Pause:   {"The job stops reading its input, and keeps its state and its place. Consumers get no rows until it is resumed.", resource.Operate},
	resource.Resume:  {"The job goes on where it was paused.", resource.Operate},
	resource.Restart: {"The job stops, and begins again from its newest checkpoint. Consumers get no rows in between.", resource.Operate},
	resource.Stop:    {"The job finishes what it has read, commits, and stops. It stays stopped, also after a restart of the server.", resource.Operate},
	resource.Remove:  {"The job stops and is no longer on this server. Its committed offsets and its output stay in Kafka, its evidence in the data folder.", resource.Deploy},
}

func (p *Pages) actionForm(r *http.Request, by resource.Actor) (view, error) {
	return p.confirmAction(r, by, nil)
}

func (p *Pages) act(r *http.Request, by resource.Actor) (view, error) {
	v, err := p.confirmAction(r, by, nil)
	if err != nil {
		return view{}, err
	}
	a := v.data.(actionView).Action
	if _, err := p.Service.Do(r.Context(), by, r.PathValue("job"), a); err != nil {
		return p.confirmAction(r, by, err)
	}
	if a == resource.Remove {
		return view{redirect: "/?did=remove"}, nil
	}
	return view{redirect: address(r.PathValue("job")) + "?" + query("did", string(a))}, nil
}

func (p *Pages) confirmAction(r *http.Request, by resource.Actor, failed error) (view, error) {
	a := resource.Action(r.PathValue("action"))
	about, ok := actions[a]
	if !ok {
		return view{}, resource.NewProblem(http.StatusNotFound, "Page not found", "A job cannot be told to "+string(a)+".", "Begin at the page of the job.")
	}
	if err := need(by, about.role); err != nil {
		return view{}, err
	}
	j, err := p.Service.Job(r.Context(), r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	v, status := actionView{Job: j, Action: a, Says: about.says}, http.StatusOK
	if failed != nil {
		f := failureOf(failed)
		v.Error, status = &f, f.Status
	}
	return view{template: "action", title: look.Sentence(string(a) + " " + look.Name(j.Job)), section: "jobs", tab: "overview", job: &j, data: v, status: status}, nil
}
