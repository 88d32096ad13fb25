package dashboard

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

// verdictOf returns the verdict on the job. What prevents a verdict is one of state error.
func (s Sources) verdictOf(ctx context.Context, job string) gateState {
	if job != s.Job {
		reason := fmt.Sprintf("job %q is not served here: this address serves job %q; set ?job=", job, s.Job)
		return gateState{Verdict: gate.Error, Code: gate.Error.Code(), Reason: reason}
	}
	d, err := s.Verdict(ctx)
	if err != nil {
		return gateState{Verdict: gate.Error, Code: gate.Error.Code(), Reason: err.Error()}
	}
	return stateOf(&d)
}

func stateOf(d *verdict.Document) gateState {
	a := gateState{Verdict: d.Verdict, Code: d.Code, Reason: d.Reason, V1: d.V1, V2: d.V2, Run: d.Run}
	if d.Expires != nil {
		a.Expires = d.Expires.Format(time.RFC3339)
	}
	return a
}

// gatePage serves GET /v1/gate?job=J. The status is 200 for every verdict, because the web
// provider of Argo Rollouts takes any other status for an error of the measurement.
func gatePage(s Sources) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(gateAnswer{s.verdictOf(r.Context(), r.URL.Query().Get("job"))}) // an error means that the client has disconnected
	}
}
