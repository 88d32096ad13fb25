package stages

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"

	"parallax/server/access"
	"parallax/server/resource"
	"parallax/shadow/job"
)

// mostBody is how many bytes a request has at most.
const mostBody = 64 << 10

// Routes returns the part of the API that a job that runs without a server has: its stage. They
// have no tokens, so only programs on this machine may use them: they must be served on a
// loopback address, and refuse what a browser sends for another site.
func Routes(j *job.Job) map[string]http.Handler {
	local := func(answer func(w http.ResponseWriter, r *http.Request) (any, error)) http.Handler {
		return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v, err := answer(w, r)
			switch p, ok := errors.AsType[*resource.Problem](err); {
			case ok:
				access.WriteProblem(w, r, p)
			case err != nil:
				access.WriteProblem(w, r, resource.NewProblem(http.StatusInternalServerError, "Internal error", err.Error(), ""))
			default:
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Cache-Control", "no-store")
				_ = json.NewEncoder(w).Encode(v) // an error means that the client has disconnected
			}
		}))
	}
	named := func(answer func(w http.ResponseWriter, r *http.Request) (any, error)) http.Handler {
		return local(func(w http.ResponseWriter, r *http.Request) (any, error) {
			if !isLocal(r.Host) {
				return nil, resource.NewProblem(http.StatusForbidden, "Wrong host", "the request is for another host", "use localhost or 127.0.0.1")
			}
			if name := r.PathValue("job"); name != j.Name {
				return nil, resource.NewProblem(http.StatusNotFound, "No such job", "this process runs job "+j.Name+" and no other", "")
			}
			return answer(w, r)
		})
	}
	return map[string]http.Handler{
		"GET /v1/jobs/{job}/stage": named(func(_ http.ResponseWriter, r *http.Request) (any, error) { return Of(r.Context(), j), nil }),
		"GET /v1/jobs/{job}/stage/history": named(func(http.ResponseWriter, *http.Request) (any, error) {
			list, err := History(j)
			return resource.Page[resource.StageChange]{Items: list}, err
		}),
		"POST /v1/jobs/{job}/stage": named(func(w http.ResponseWriter, r *http.Request) (any, error) {
			if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
				return nil, resource.NewProblem(http.StatusUnsupportedMediaType, "Not JSON", "the body must be JSON", "send Content-Type: application/json")
			}
			var wanted resource.StageRequest
			body := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
			body.DisallowUnknownFields()
			if err := body.Decode(&wanted); err != nil {
				return nil, resource.NewProblem(http.StatusBadRequest, "Invalid request", err.Error(), `send {"to": "next"}`)
			}
			return Set(r.Context(), j, resource.Actor{Name: "local", Role: resource.Deploy}, wanted)
		}),
	}
}

// isLocal reports whether a request's Host names this machine, so that no other name was made to
// point to it.
func isLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
