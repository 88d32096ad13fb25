package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"parallax/reports/gate"
)

// flaggerCall is the body of a webhook of Flagger.
type flaggerCall struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Phase     string            `json:"phase"`
	Checksum  string            `json:"checksum"`
	Metadata  map[string]string `json:"metadata"`
}

const (
	// flaggerBody is how long the body of a webhook may be.
	flaggerBody = 64 << 10
	// flaggerLine is how many characters of a reason are answered: Flagger shows them in an
	// event.
	flaggerLine = 200
)

// flagger serves a webhook of Flagger that confirms what a verdict of the state wanted
// allows: confirm-promotion a pass, rollback a fail. Flagger takes a status up to 202 for
// yes. A no is 403; a call that the verdict cannot be about is 412. Neither is a 5xx or 429,
// of which Flagger drops the text.
func flagger(wanted gate.State) func(*API, http.ResponseWriter, *http.Request) {
	return func(a *API, w http.ResponseWriter, r *http.Request) {
		var call flaggerCall
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, flaggerBody)).Decode(&call); err != nil {
			refuse(w, http.StatusBadRequest, "the body is not a webhook of Flagger, a JSON object with name, namespace, phase and metadata")
			return
		}
		job, isNamed := call.Metadata["job"]
		if !isNamed {
			job = a.onlyJob(r.Context())
		}
		v, isServed := a.verdictOf(r.Context(), job)
		switch version := call.Metadata["v2"]; {
		case job == "":
			refuse(w, http.StatusPreconditionFailed, "metadata.job is missing: this address serves several jobs; set it to the name of one")
		case !isServed:
			refuse(w, http.StatusPreconditionFailed, v.Reason)
		case version == "":
			refuse(w, http.StatusPreconditionFailed, "metadata.v2 is missing: set it to the version of V2 that is to be confirmed")
		case version != v.V2:
			refuse(w, http.StatusPreconditionFailed, fmt.Sprintf("the verdict is about V2 %q, and metadata.v2 is %q", v.V2, version))
		case v.Verdict != wanted:
			refuse(w, http.StatusForbidden, fmt.Sprintf("the verdict is %s: %s", v.Verdict, v.Reason))
		default:
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			fmt.Fprintln(w, oneLine(fmt.Sprintf("the verdict is %s: %s", v.Verdict, v.Reason)))
		}
	}
}

// onlyJob is the server's job if it has one only, else "".
func (a *API) onlyJob(ctx context.Context) string {
	jobs, err := a.Service.Jobs(ctx)
	if err != nil || len(jobs) != 1 {
		return ""
	}
	return jobs[0].Job
}

func refuse(w http.ResponseWriter, status int, text string) { http.Error(w, oneLine(text), status) }

// oneLine is a text in one short line.
func oneLine(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > flaggerLine {
		return string(line[:flaggerLine-3]) + "..."
	}
	return string(line)
}
