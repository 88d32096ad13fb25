package plan

import (
	"fmt"
	"strings"
	"time"

	"parallax/processors/row"
)

// Explain returns a readable description of the plan: each query's steps, the columns that
// it decodes, and how V2 may split it, with the reason.
func (p *Plan) Explain() string {
	var b strings.Builder
	for i, q := range p.Stages {
		if i > 0 {
			b.WriteByte('\n')
		}
		p.explain(&b, q)
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "\nwarning: %s\n", w)
	}
	return b.String()
}

func (p *Plan) explain(b *strings.Builder, q *Query) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(b, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	if q.Hidden {
		fmt.Fprintf(b, "stage of query %d: %s\n", q.Index, q.Sink.Name)
	} else {
		fmt.Fprintf(b, "query %d: %s\n", q.Index, q.Sink.Name)
	}
	var sources []*row.Source
	for _, side := range q.Sides() {
		sources = append(sources, p.explainInput(line, q, side))
	}
	if len(q.Follows) > 0 {
		line("time", "no later than that of the rows of %s", p.names(q.Follows))
	}
	for i, j := range q.Joins {
		line("join", "%s", j.explain(sources[i+1]))
	}
	if q.Where != nil {
		line("where", "%s", q.Where)
	}
	if agg := q.Aggregation; agg != nil {
		explainAggregation(line, agg)
	}
	if q.Over != nil {
		explainOver(line, q.Over)
	}
	if len(q.Explode) > 0 {
		line("explode", "%s: a row for each element", list(q.Explode))
	}
	if q.Rekeyed && len(q.Key) > 0 {
		line("partition", "by %s: the key of the rows", list(q.Key))
	}
	if q.Limit != nil {
		line("limit", "the first %d rows", *q.Limit)
	} else {
		explainItems(line, q)
	}
	if once := Constants(q); len(once) > 0 {
		line("constant", "%s", list(once))
	}
	if once := Repeated(q); len(once) > 0 {
		line("once", "%s: computed once a record", list(once))
	}
	if !q.Hidden {
		line("sink", "topic %s, key %s, value %s", q.Sink.Topic, keyText(q.Sink), q.Sink.Format)
	}
	switch {
	case q.Split.Stateless:
		line("V2", "any partition: %s", q.Split.Reason)
	case len(q.Split.By) == 0:
		line("V2", "one partition: %s", q.Split.Reason)
	case len(q.Split.Right) > 0:
		line("V2", "by %s and %s: %s", list(q.Split.By), list(q.Split.Right), q.Split.Reason)
	default:
		line("V2", "by %s: %s", list(q.Split.By), q.Split.Reason)
	}
}

// explainItems lists the columns.
func explainItems(line func(name, format string, args ...any), q *Query) {
	var items []string
	for i, e := range q.Items {
		c := q.Sink.Values[i]
		item := fmt.Sprintf("%s %s", c.Name, c.Type)
		if text := e.String(); text != c.Name {
			item += " = " + text
		}
		items = append(items, item)
	}
	name := "select"
	if q.Distinct {
		name = "distinct"
	}
	line(name, "%s", strings.Join(items, ", "))
}

// explainInput writes where the rows of one side come from.
func (p *Plan) explainInput(line func(name, format string, args ...any), q *Query, side int) *row.Source {
	if q.Inputs != nil && q.Inputs[side].Source < 0 {
		in := q.Inputs[side]
		line("rows", "of %s: %s", in.Rows.Name, neededColumns(in.Rows))
		return in.Rows
	}
	if q.Inputs != nil {
		side = q.Inputs[side].Source
	}
	src := p.Sources[side]
	line("source", "%s from topic %s, %s", src.Name, src.Topic, src.Format)
	line("decode", "%s", neededColumns(src))
	if src.Timestamp >= 0 {
		line("event time", "column %s", timeColumn(src).Name)
	} else {
		line("event time", "the record's timestamp")
	}
	return src
}

// names returns the names of stages.
func (p *Plan) names(stages []int) string {
	var names []string
	for _, s := range stages {
		names = append(names, p.Stages[s].Sink.Name)
	}
	return strings.Join(names, ", ")
}

func explainAggregation(line func(name, format string, args ...any), agg *Aggregation) {
	if len(agg.GroupBy) > 0 {
		line("group by", "%s", list(agg.GroupBy))
	}
	if w := agg.Window; w != nil {
		line("window", "%s", w.text())
	}
	var calls []string
	for _, a := range agg.Aggregates {
		calls = append(calls, fmt.Sprintf("%s %s", a.text(), a.Type))
	}
	line("aggregate", "%s", strings.Join(calls, ", "))
	if agg.Having != nil {
		line("having", "%s", agg.Having)
	}
	switch {
	case agg.Emit == EmitFinal && agg.Window == nil:
		line("emit", "FINAL: when a bounded input ends")
	case agg.Emit == EmitFinal:
		line("emit", "FINAL: when a window can take no more")
	case agg.WindowScope:
		line("emit", "CHANGES: each record emits every group of its window")
	default:
		line("emit", "CHANGES: each record emits its group")
	}
}

func neededColumns(s *row.Source) string {
	var names []string
	for i, c := range s.Columns {
		if s.Needed[i] {
			names = append(names, c.Name+" "+c.Type.String())
		}
	}
	switch {
	case len(names) == 0:
		return "no column"
	case len(names) < len(s.Columns):
		names[len(names)-1] += fmt.Sprintf(" (%d of %d columns)", len(names), len(s.Columns))
	}
	return strings.Join(names, ", ")
}

func keyText(s *row.Sink) string {
	if len(s.Key) == 0 {
		return "none"
	}
	var names []string
	for _, k := range s.Key {
		names = append(names, k.Name)
	}
	text := strings.Join(names, ", ") + " (" + s.KeyFormat.String() + ")"
	if s.Windowed {
		text += " and window"
	}
	return text
}

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
