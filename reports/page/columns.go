package page

import (
	"slices"

	"parallax/reports/gate"
	"parallax/reports/look"
	"parallax/shadow/evidence"
)

type columnsView struct {
	Columns     []columnRow
	MoreColumns string
}

type columnRow struct{ Topic, Name, Rows, Same, NullV1, NullV2, Type, Tolerated, Differ string }

const mostColumns = 500

func (p *painter) columns() columnsView {
	list := slices.Clone(p.Document.Columns)
	slices.SortStableFunc(list, func(a, b evidence.Column) int { return weight(b) - weight(a) })
	v := columnsView{MoreColumns: more(len(list), mostColumns, "columns")}
	for _, c := range clip(list, mostColumns) {
		part := func(n int64) string {
			if n == 0 {
				return "–"
			}
			return gate.Thousands(n) + " (" + look.Share(n, c.Rows) + ")"
		}
		r := columnRow{
			look.Name(c.Topic), look.Name(c.Name), gate.Thousands(c.Rows), look.Share(c.Same, c.Rows), part(c.NullV1Only), part(c.NullV2Only), part(c.Type), part(c.Tolerated), "",
		}
		if c.Differ > 0 {
			r.Differ = part(c.Differ)
		}
		v.Columns = append(v.Columns, r)
	}
	return v
}

// weight sorts columns with differences before others.
func weight(c evidence.Column) int {
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
