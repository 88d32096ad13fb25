package generate

import (
	"slices"

	"parallax/processors/sql"
)

// fewerStages lets a query read the sources of another query instead of its rows. Columns
// are matched by position.
func fewerStages(script *sql.Script, add func(func())) {
	for i, s := range script.Statements {
		made, ok := s.(*sql.CreateAs)
		if !ok || made.Name.Text == "" {
			continue
		}
		read := []sql.From{made.Select.From}
		for _, j := range made.Select.Joins {
			read = append(read, j.From)
		}
		for _, instead := range read {
			add(func() {
				for _, s := range script.Statements[i+1:] {
					if q, ok := s.(*sql.CreateAs); ok {
						readInstead(q.Select, made.Name.Text, instead.Source)
					}
				}
				script.Statements = slices.Delete(script.Statements, i, i+1)
			})
		}
	}
}

func readInstead(s *sql.Select, name string, instead sql.Name) {
	if s.From.Source.Text == name {
		s.From.Source = instead
	}
	for i := range s.Joins {
		if s.Joins[i].From.Source.Text == name {
			s.Joins[i].From.Source = instead
		}
	}
}

// fewerSides removes a side of a join with the expressions that use it, or simplifies the
// join.
func fewerSides(s *sql.Select, add func(func())) {
	for i := range s.Joins {
		j := &s.Joins[i]
		add(func() {
			side := sideName(j.From)
			s.Joins = slices.Delete(s.Joins, i, i+1)
			forget(s, side)
		})
		add(func() { j.Kind = sql.InnerJoin })
		if j.Within != nil {
			add(func() { j.Within.Grace = -1 })
			add(func() { j.Within.After = j.Within.Before })
		}
	}
	if len(s.Joins) > 0 {
		add(func() {
			side := sideName(s.From)
			s.From = s.Joins[0].From
			s.Joins = slices.Delete(s.Joins, 0, 1)
			forget(s, side)
		})
	}
}

func sideName(f sql.From) string {
	if f.Alias.Text != "" {
		return f.Alias.Text
	}
	return f.Source.Text
}

// forget removes the expressions that use a side from a query's lists and conditions. If no
// selected item is left, it selects a constant.
func forget(s *sql.Select, side string) {
	sees := func(x sql.Expr) (found bool) {
		sql.Walk(x, func(x sql.Expr) bool {
			ref, ok := x.(*sql.Ref)
			found = found || ok && ref.Qualifier.Text == side
			return !found
		})
		return found
	}
	s.Items = slices.DeleteFunc(s.Items, func(it sql.Item) bool { return it.Expr != nil && sees(it.Expr) || it.Qualifier.Text == side })
	s.GroupBy = slices.DeleteFunc(s.GroupBy, sees)
	s.PartitionBy = slices.DeleteFunc(s.PartitionBy, sees)
	for _, condition := range []*sql.Expr{&s.Where, &s.Having} {
		if *condition != nil && sees(*condition) {
			*condition = nil
		}
	}
	if len(s.Items) == 0 {
		s.Items = []sql.Item{{Expr: number("1")}}
	}
}

// read returns the records of the topics that a script reads.
func read(script *sql.Script, records []Record) []Record {
	topics := map[string]bool{}
	for _, s := range script.Statements {
		q, ok := s.(*sql.CreateAs)
		if !ok {
			continue
		}
		from := []sql.From{q.Select.From}
		for _, j := range q.Select.Joins {
			from = append(from, j.From)
		}
		for _, s := range script.Statements {
			if s, ok := s.(*sql.CreateSource); ok && slices.ContainsFunc(from, func(f sql.From) bool { return f.Source.Text == s.Name.Text }) {
				topics[topicOf(s)] = true
			}
		}
	}
	var left []Record
	for _, r := range records {
		if topics[r.Topic] {
			left = append(left, r)
		}
	}
	return left
}
