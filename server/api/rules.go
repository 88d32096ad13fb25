package api

import (
	"net/http"
	"net/url"

	"parallax/server/resource"
)

func getRules(r *request) (*answer, error) { return result(r.service.Rules(r.Context(), r.job)) }

// mayPropose returns whether a request is a dry run, and an error if the caller may not make it:
// operators may see what a rule would hide; to put it in force is for who deploys.
func mayPropose(r *request) (isDryRun bool, err error) {
	if isDryRun, err = r.isDryRun(); err != nil || isDryRun {
		return isDryRun, err
	}
	return false, r.need(resource.Deploy)
}

func postRule(r *request) (*answer, error) {
	isDryRun, err := mayPropose(r)
	if err != nil {
		return nil, err
	}
	var wanted resource.RuleRequest
	if err := r.read(&wanted); err != nil {
		return nil, err
	}
	return result(r.service.ProposeRule(r.Context(), r.by, r.job, wanted, isDryRun))
}

func postAcceptance(r *request) (*answer, error) {
	isDryRun, err := mayPropose(r)
	if err != nil {
		return nil, err
	}
	var wanted resource.AcceptRequest
	if err := r.read(&wanted); err != nil {
		return nil, err
	}
	return result(r.service.Accept(r.Context(), r.by, r.job, wanted, isDryRun))
}

func postExplanation(r *request) (*answer, error) {
	var wanted resource.ExplainRequest
	if err := r.read(&wanted); err != nil {
		return nil, err
	}
	if wanted.Signature == "" {
		return nil, badRequest("no signature", "signature: missing", "name a signature of the job")
	}
	e, err := r.service.Explain(r.Context(), r.by, r.job, wanted)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusAccepted, location: "/v1/jobs/" + url.PathEscape(r.job) + "/explain/" + url.PathEscape(e.ID), body: e}, nil
}

func getExplanation(r *request) (*answer, error) {
	return result(r.service.Explanation(r.Context(), r.job, r.PathValue("id")))
}
