package page

import (
	"net/http"
	"slices"
	"strconv"

	"parallax/diff"
	"parallax/reports/look"
	"parallax/server/resource"
)

// keyView is what both paths made of one key over time, as far as it is stored.
type keyView struct {
	Job        resource.Job
	Topic, Key string
	Moments    []moment
	Curves     []curve
	// Signatures are those of the key's divergences.
	Signatures []string
}

// moment is a divergence of the key, with the columns that differ.
type moment struct {
	exampleView
	Window  string
	Differs []look.Side
}

// mostSamples is how many stored samples of a job are searched for a key.
const mostSamples = 5000

func (p *Pages) key(r *http.Request, _ resource.Actor) (view, error) {
	j, err := p.Service.Job(r.Context(), r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	q := r.URL.Query()
	v := keyView{Job: j, Topic: q.Get("topic"), Key: q.Get("key")}
	found, err := p.Service.Divergences(r.Context(), j.Job, resource.DivergenceQuery{Limit: mostSamples})
	if err != nil {
		return view{}, err
	}
	var samples []resource.Divergence
	for _, d := range found.Items {
		if d.Topic == v.Topic && keyOf(d.Example) == v.Key {
			samples = append(samples, d)
			if !slices.Contains(v.Signatures, d.Signature) {
				v.Signatures = append(v.Signatures, d.Signature)
			}
		}
	}
	slices.SortStableFunc(samples, func(a, b resource.Divergence) int { return a.At.Compare(b.At) })
	v.Curves = curvesOf(samples)
	for _, d := range slices.Backward(samples) { // the newest first
		m := moment{exampleView: exampleOf(j.Job, d)}
		if w := d.Example.Window; len(w) == 2 {
			m.Window = diff.TimeText(w[0]) + " to " + diff.TimeText(w[1])
		}
		for _, s := range m.Sides {
			if s.Differs {
				m.Differs = append(m.Differs, s)
			}
		}
		v.Moments = append(v.Moments, m)
	}
	return view{template: "key", title: "Key " + look.Name(v.Key), section: "jobs", tab: "differences", job: &j, data: v}, nil
}

// curvesOf draws the numeric columns that differ, over the samples of a key.
func curvesOf(samples []resource.Divergence) (list []curve) {
	const most = 6
	var names []string
	for _, d := range samples {
		for _, c := range d.Example.Columns {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	for _, name := range names {
		var one, two []float64
		for _, d := range samples {
			for _, c := range d.Example.Columns {
				v1, err1 := strconv.ParseFloat(c.V1, 64)
				v2, err2 := strconv.ParseFloat(c.V2, 64)
				if c.Name == name && err1 == nil && err2 == nil && c.Text(c.V1) == c.V1 { // a time is no figure
					one, two = append(one, v1), append(two, v2)
				}
			}
		}
		if c := drawCurve(look.Name(name), one, two); c.SVG != "" && len(list) < most {
			list = append(list, c)
		}
	}
	return list
}
