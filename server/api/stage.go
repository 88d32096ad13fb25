package api

import "parallax/server/resource"

func getStage(r *request) (*answer, error) { return result(r.service.Stage(r.Context(), r.job)) }

func getStageHistory(r *request) (*answer, error) {
	return all(r.service.StageHistory(r.Context(), r.job))
}

// postStage asks for another stage: back is for operators, forward for who deploys.
func postStage(r *request) (*answer, error) {
	var wanted resource.StageRequest
	if err := r.read(&wanted); err != nil {
		return nil, err
	}
	now, err := r.service.Stage(r.Context(), r.job)
	if err != nil {
		return nil, err
	}
	needed, err := wanted.Needs(now.Stage)
	if err != nil {
		return nil, err
	}
	if err := r.need(needed); err != nil {
		return nil, err
	}
	return result(r.service.SetStage(r.Context(), r.by, r.job, wanted))
}
