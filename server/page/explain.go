package page

import (
	"net/http"

	"parallax/reports/look"
	"parallax/server/resource"
)

// explanationView is an explanation, which may still be in the making.
type explanationView struct {
	Job         resource.Job
	Explanation resource.Explanation
	Address     string
}

func (p *Pages) explain(r *http.Request, by resource.Actor) (view, error) {
	name := r.PathValue("job")
	e, err := p.Service.Explain(r.Context(), by, name, resource.ExplainRequest{Signature: r.PostFormValue("signature")})
	return view{redirect: address(name, "explain", e.ID)}, err
}

func (p *Pages) explanation(r *http.Request, _ resource.Actor) (view, error) {
	j, err := p.Service.Job(r.Context(), r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	e, err := p.Service.Explanation(r.Context(), j.Job, r.PathValue("id"))
	if err != nil {
		return view{}, err
	}
	v := explanationView{j, e, address(j.Job, "differences", e.Signature)}
	return view{template: "explanation", title: "Explanation of " + look.Name(e.Signature), section: "jobs", tab: "differences", job: &j, data: v}, nil
}
