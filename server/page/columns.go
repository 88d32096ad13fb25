package page

import (
	"fmt"
	"net/http"
	"slices"

	"parallax/reports/gate"
	"parallax/reports/look"
	"parallax/server/resource"
)

// columnsView is how often the values of each column agreed.
type columnsView struct {
	Job  resource.Job
	Rows []columnRow
}

type columnRow struct {
	resource.Column
	Share, Null, Type, Tolerated, Differ string
	// RuleAddress is the form for a rule of the column.
	RuleAddress string
	Agrees      float64 // in per cent
}

func (p *Pages) columns(r *http.Request, _ resource.Actor) (view, error) {
	j, err := p.Service.Job(r.Context(), r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	list, err := p.Service.Columns(r.Context(), j.Job)
	if err != nil {
		return view{}, err
	}
	slices.SortStableFunc(list, func(a, b resource.Column) int { return weight(b) - weight(a) })
	v := columnsView{Job: j}
	for _, c := range list {
		part := func(n int64) string {
			if n == 0 {
				return "–"
			}
			return gate.Thousands(n)
		}
		row := columnRow{
			Column: c, Share: look.Share(c.Same, c.Rows), Null: "–", Type: part(c.Type), Tolerated: part(c.Tolerated), Differ: part(c.Differ),
			RuleAddress: address(j.Job, "rules", "new") + "?" + query("topic", c.Topic, "column", c.Name),
		}
		if c.NullV1Only+c.NullV2Only > 0 {
			row.Null = fmt.Sprintf("%s / %s", gate.Thousands(c.NullV1Only), gate.Thousands(c.NullV2Only))
		}
		if c.Rows > 0 {
			row.Agrees = 100 * float64(c.Same) / float64(c.Rows)
		}
		v.Rows = append(v.Rows, row)
	}
	return view{template: "columns", title: "Columns of " + look.Name(j.Job), section: "jobs", tab: "columns", job: &j, data: v}, nil
}

// weight sorts columns with differences before others.
func weight(c resource.Column) int {
	switch {
	case c.Differ > 0:
		return 3
	case c.NullV1Only+c.NullV2Only > 0:
		return 2
	case c.Type+c.Tolerated > 0:
		return 1
	}
	return 0
}
