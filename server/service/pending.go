package service

import (
	"context"
	"net/http"

	"parallax/server/resource"
)

func notYet() error {
	return resource.NewProblem(http.StatusNotImplemented, "Not available", "this version of the job server cannot do that yet", "")
}

func (s *Service) Explain(context.Context, resource.Actor, string, resource.ExplainRequest) (resource.Explanation, error) {
	return resource.Explanation{}, notYet()
}

func (s *Service) Explanation(context.Context, string, string) (resource.Explanation, error) {
	return resource.Explanation{}, notYet()
}

func (s *Service) Rules(context.Context, string) (resource.Rules, error) {
	return resource.Rules{}, notYet()
}

func (s *Service) ProposeRule(context.Context, resource.Actor, string, resource.RuleRequest, bool) (resource.RuleEffect, error) {
	return resource.RuleEffect{}, notYet()
}

func (s *Service) Accept(context.Context, resource.Actor, string, resource.AcceptRequest, bool) (resource.RuleEffect, error) {
	return resource.RuleEffect{}, notYet()
}
