package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"parallax/reports/gate"
	"parallax/reports/verdict"
)

// gateAnswer is the answer to GET /v1/gate, whose form rollout controllers rely on.
type gateAnswer struct {
	Gate gateState `json:"gate"`
}

type gateState struct {
	Verdict gate.State `json:"verdict"`
	Code    int        `json:"code"`
	Reason  string     `json:"reason"`
	V1      string     `json:"v1"`
	V2      string     `json:"v2"`
	Run     string     `json:"run"`
	// Expires is "" without evidence.
	Expires string `json:"expires"`
}

// verdictOf returns the verdict on a job. What prevents a verdict is one of state error; isServed
// is false if there is no such job here.
func (a *API) verdictOf(ctx context.Context, job string) (v gateState, isServed bool) {
	jobs, err := a.Service.Jobs(ctx)
	if err != nil {
		return errorState(err.Error()), true
	}
	for _, j := range jobs {
		if j.Job == job {
			d, err := a.Service.Verdict(ctx, job)
			if err != nil {
				return errorState(err.Error()), true
			}
			return stateOf(&d), true
		}
	}
	served := fmt.Sprintf("%d jobs", len(jobs))
	if len(jobs) == 1 {
		served = fmt.Sprintf("job %q", jobs[0].Job)
	}
	return errorState(fmt.Sprintf("job %q is not served here: this address serves %s; set ?job=", job, served)), false
}

func errorState(reason string) gateState {
	return gateState{Verdict: gate.Error, Code: gate.Error.Code(), Reason: reason}
}

func stateOf(d *verdict.Document) gateState {
	a := gateState{Verdict: d.Verdict, Code: d.Code, Reason: d.Reason, V1: d.V1, V2: d.V2, Run: d.Run}
	if d.Expires != nil {
		a.Expires = d.Expires.Format(time.RFC3339)
	}
	return a
}

// getGate answers GET /v1/gate?job=J. The status is 200 for every verdict, because the web
// provider of Argo Rollouts takes any other status for an error of the measurement.
func (a *API) getGate(w http.ResponseWriter, r *http.Request) {
	v, _ := a.verdictOf(r.Context(), r.URL.Query().Get("job"))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(gateAnswer{v}) // an error means that the client has disconnected
}
