package api

import (
	"net/http"
	"net/http/pprof"
	"time"

	"parallax/reports/gate"
	"parallax/server/resource"
)

// route is a path of the API. Adding one is adding an element to routes, and its description to
// openapi.yaml.
type route struct {
	method, path string
	// needs is the role that a caller needs; "" is for everyone. A handler may need more.
	needs resource.Role
	// isMonitoring: a server without tokens answers it to everyone. It may be asked at any
	// time: it is not counted among the requests that are answered at once.
	isMonitoring bool
	// query are the parameters that it understands.
	query []string
	// within limits the time of answering; 0 is answerWithin.
	within time.Duration
	// answer returns the answer; raw writes it itself. A route has one of them.
	answer func(*request) (*answer, error)
	raw    func(*API, http.ResponseWriter, *http.Request)
}

const (
	// answerWithin limits the time of a request.
	answerWithin = 10 * time.Second
	// changeWithin limits the time of a change: V2 finishes its batches, and its state moves.
	changeWithin = 90 * time.Second
)

// routes are all paths of the server, apart from the page's.
var routes = []route{
	{method: "GET", path: "/v1/jobs", needs: resource.View, answer: getJobs},
	{method: "GET", path: "/v1/jobs/{job}", needs: resource.View, answer: getJob},
	{method: "PUT", path: "/v1/jobs/{job}", needs: resource.Deploy, query: dryRun, within: changeWithin, answer: putJob},
	{method: "DELETE", path: "/v1/jobs/{job}", needs: resource.Deploy, within: changeWithin, answer: do(resource.Remove)},
	{method: "POST", path: "/v1/jobs/{job}/pause", needs: resource.Operate, within: changeWithin, answer: do(resource.Pause)},
	{method: "POST", path: "/v1/jobs/{job}/resume", needs: resource.Operate, within: changeWithin, answer: do(resource.Resume)},
	{method: "POST", path: "/v1/jobs/{job}/restart", needs: resource.Operate, within: changeWithin, answer: do(resource.Restart)},
	{method: "POST", path: "/v1/jobs/{job}/stop", needs: resource.Operate, within: changeWithin, answer: do(resource.Stop)},
	{method: "POST", path: "/v1/jobs/{job}/rescale", needs: resource.Operate, within: changeWithin, answer: postRescale},

	{method: "GET", path: "/v1/jobs/{job}/stage", needs: resource.View, answer: getStage},
	{method: "POST", path: "/v1/jobs/{job}/stage", needs: resource.Operate, within: changeWithin, answer: postStage},
	{method: "GET", path: "/v1/jobs/{job}/stage/history", needs: resource.View, answer: getStageHistory},

	{method: "GET", path: "/v1/jobs/{job}/verdict", needs: resource.View, answer: getVerdict},
	{method: "GET", path: "/v1/jobs/{job}/details", needs: resource.View, answer: getDetails},
	{method: "GET", path: "/v1/jobs/{job}/divergences", needs: resource.View, query: append([]string{"signature"}, paging...), answer: getDivergences},
	{method: "GET", path: "/v1/jobs/{job}/signatures", needs: resource.View, query: paging, answer: getSignatures},
	{method: "GET", path: "/v1/jobs/{job}/columns", needs: resource.View, query: paging, answer: getColumns},
	{method: "GET", path: "/v1/jobs/{job}/ledger", needs: resource.View, answer: getLedger},
	{method: "GET", path: "/v1/jobs/{job}/history", needs: resource.View, query: paging, answer: getHistory},
	{method: "GET", path: "/v1/jobs/{job}/config", needs: resource.View, answer: getConfig},
	{method: "GET", path: "/v1/jobs/{job}/reports", needs: resource.View, query: paging, answer: getReports},
	{method: "GET", path: "/v1/jobs/{job}/reports/{id}", needs: resource.View, query: []string{"format"}, answer: getReport},
	{method: "GET", path: "/v1/jobs/{job}/audit", needs: resource.View, query: paging, answer: getAudit},
	{method: "GET", path: "/v1/audit", needs: resource.View, query: paging, answer: getAudit},

	{method: "GET", path: "/v1/jobs/{job}/rules", needs: resource.View, answer: getRules},
	{method: "POST", path: "/v1/jobs/{job}/rules", needs: resource.Operate, query: dryRun, within: changeWithin, answer: postRule},
	{method: "POST", path: "/v1/jobs/{job}/accept", needs: resource.Operate, query: dryRun, within: changeWithin, answer: postAcceptance},
	{method: "POST", path: "/v1/jobs/{job}/explain", needs: resource.Operate, answer: postExplanation},
	{method: "GET", path: "/v1/jobs/{job}/explain/{id}", needs: resource.View, answer: getExplanation},

	{method: "GET", path: "/v1/events", needs: resource.View, raw: (*API).events},
	{method: "GET", path: "/v1/openapi.json", raw: (*API).getDocument},

	{method: "GET", path: "/v1/gate", needs: resource.View, isMonitoring: true, raw: (*API).getGate},
	{method: "POST", path: "/v1/flagger/confirm-promotion", needs: resource.View, isMonitoring: true, raw: flagger(gate.Pass)},
	{method: "POST", path: "/v1/flagger/rollback", needs: resource.View, isMonitoring: true, raw: flagger(gate.Fail)},
	{method: "POST", path: "/v2/rescale", needs: resource.Operate, query: []string{"partitions"}, within: changeWithin, answer: postOldRescale},

	{method: "GET", path: "/metrics", needs: resource.View, isMonitoring: true, raw: (*API).getMetrics},
	{method: "GET", path: "/healthz", isMonitoring: true, raw: (*API).getHealth},
	{method: "GET", path: "/readyz", isMonitoring: true, raw: (*API).getReadiness},

	{method: "GET", path: "/debug/pprof/{profile...}", needs: resource.Operate, raw: profile(pprof.Index)},
	{method: "GET", path: "/debug/pprof/cmdline", needs: resource.Operate, raw: profile(pprof.Cmdline)},
	{method: "GET", path: "/debug/pprof/profile", needs: resource.Operate, raw: profile(pprof.Profile)},
	{method: "GET", path: "/debug/pprof/symbol", needs: resource.Operate, raw: profile(pprof.Symbol)},
	{method: "POST", path: "/debug/pprof/symbol", needs: resource.Operate, raw: profile(pprof.Symbol)},
	{method: "GET", path: "/debug/pprof/trace", needs: resource.Operate, raw: profile(pprof.Trace)},
}
