package generate

import (
	"slices"

	"parallax/processors/sql"
)

// sinkTime sets a sink's timestamp= to a selected column, or mostly to an additional column
// with times close to event time, some of them missing.
func (g *generator) sinkTime(q *query) {
	if q.Select.Distinct || q.scoped() { // the number of dead letters for a window would depend on the partitions
		return
	}
	var time sql.Name
	if q.joined() {
		time.Text = pick(g, q.sides...).alias
	}
	var x sql.Expr = &sql.Ref{Name: sql.Name{Text: "ROWTIME"}, Qualifier: time}
	switch {
	case q.grouped && q.table(): // a table's aggregation does not keep the largest value
		x = &sql.Binary{Op: "/", L: call("SUM", x), R: &sql.Call{Name: sql.Name{Text: "COUNT"}, Star: true}}
	case q.grouped:
		x = call("MAX", x)
	}
	if g.one(2) {
		x = &sql.Binary{Op: pick(g, "-", "-", "+"), L: x, R: number(pick(g, "1", "1500", "20000", "99999"))}
	}
	switch g.IntN(8) {
	case 0:
		x = &sql.Case{Whens: []sql.When{{If: &sql.Binary{Op: "=", L: &sql.Binary{Op: "%", L: x, R: number("3")}, R: number("0")}, Then: x}}}
	case 1, 2:
		x = call("FROM_UNIXTIME", x)
	case 3:
		x = call("FORMAT_TIMESTAMP", call("FROM_UNIXTIME", x), &sql.Text{Value: "yyyy-MM-dd HH:mm:ss"})
		q.with("TIMESTAMP_FORMAT", "yyyy-MM-dd HH:mm:ss")
	case 4:
		if it := pick(g, q.Select.Items...); it.Alias.Text != "" {
			q.time = it.Alias.Text
		}
	}
	if q.time == "" {
		q.time = q.prefix + "T"
		q.Select.Items = append(q.Select.Items, sql.Item{Expr: x, Alias: sql.Name{Text: q.time}})
	}
	q.with("TIMESTAMP", q.time)
}

// withoutTime removes the changes of sinkTime.
func (q *query) withoutTime() {
	q.time = ""
	q.With = slices.DeleteFunc(q.With, func(p sql.Property) bool {
		return p.Name.Text == "TIMESTAMP" || p.Name.Text == "TIMESTAMP_FORMAT"
	})
}
