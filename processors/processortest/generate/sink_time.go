package generate

import (
	"slices"

	"parallax/processors/sql"
)

// sinkTime gives a sink's rows the time of a column: one that it selects, or most
// often one for it alone, which is near event time, and now and then none.
func (g *generator) sinkTime(q *query) {
	if q.Select.Distinct || q.scoped() { // how often a window's row is a dead letter goes by the partitions
		return
	}
	var time sql.Name
	if q.joined() {
		time.Text = pick(g, q.sides...).alias
	}
	var x sql.Expr = &sql.Ref{Name: sql.Name{Text: "ROWTIME"}, Qualifier: time}
	switch {
	case q.grouped && q.table(): // whose largest value it does not keep
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

// withoutTime leaves out what sinkTime says.
func (q *query) withoutTime() {
	q.time = ""
	q.With = slices.DeleteFunc(q.With, func(p sql.Property) bool {
		return p.Name.Text == "TIMESTAMP" || p.Name.Text == "TIMESTAMP_FORMAT"
	})
}
