package sql

import (
	"fmt"
	"regexp"
	"strings"

	"parallax/processors/row"
)

// String prints the script in a normal form, one statement on a line. Parsing it again
// gives the same tree except for positions.
func (s *Script) String() string {
	var b strings.Builder
	for _, statement := range s.Statements {
		b.WriteString(StatementText(statement) + ";\n")
	}
	return b.String()
}

// StatementText writes a statement, without a semicolon.
func StatementText(s Statement) string {
	w := &printer{}
	switch s := s.(type) {
	case *CreateSource:
		w.create(s.Table, s.Name)
		w.write(" (")
		commas(w, s.Columns, w.column)
		w.write(")")
		w.with(s.With)
	case *CreateAs:
		if s.Explain {
			w.write("EXPLAIN ")
		}
		if s.Name.Text != "" {
			w.create(s.Table, s.Name)
			w.with(s.With)
			w.write(" AS ")
		}
		w.query(s.Select)
	}
	return w.String()
}

// printer writes a tree as text.
type printer struct{ strings.Builder }

func (w *printer) write(format string, args ...any) {
	if len(args) == 0 {
		w.WriteString(format)
		return
	}
	fmt.Fprintf(w, format, args...)
}

// commas writes a list.
func commas[T any](w *printer, all []T, write func(T)) {
	for i, x := range all {
		if i > 0 {
			w.write(", ")
		}
		write(x)
	}
}

func (w *printer) exprs(all []Expr) { commas(w, all, func(e Expr) { w.expr(e, 0) }) }

func (w *printer) create(table bool, name Name) {
	kind := "STREAM"
	if table {
		kind = "TABLE"
	}
	w.write("CREATE %s %s", kind, name)
}

func (w *printer) column(c ColumnDef) {
	w.write("%s %s", c.Name, TypeText(c.Type.Type))
	switch {
	case c.Primary:
		w.write(" PRIMARY KEY")
	case c.Key:
		w.write(" KEY")
	case c.Headers:
		w.write(" HEADERS")
	case c.Header != nil:
		w.write(" HEADER(%s)", quoteText(c.Header.Value))
	}
}

// bare are the values of properties that need no quotes.
var bare = regexp.MustCompile(`^(true|false|-?[0-9]{1,18})$`)

func (w *printer) with(props []Property) {
	if len(props) == 0 {
		return
	}
	w.write(" WITH (")
	commas(w, props, func(p Property) {
		value := p.Value
		if !bare.MatchString(value) {
			value = quoteText(value)
		}
		w.write("%s=%s", p.Name, value)
	})
	w.write(")")
}

func (w *printer) query(s *Select) {
	w.write("SELECT ")
	if s.Distinct {
		w.write("DISTINCT ")
	}
	commas(w, s.Items, w.item)
	w.write(" FROM ")
	w.from(s.From)
	for _, j := range s.Joins {
		w.join(j)
	}
	if s.Window != nil {
		w.window(s.Window)
	}
	if s.Where != nil {
		w.write(" WHERE ")
		w.expr(s.Where, 0)
	}
	w.grouping("GROUP BY", s.GroupBy)
	w.grouping("PARTITION BY", s.PartitionBy)
	if s.Having != nil {
		w.write(" HAVING ")
		w.expr(s.Having, 0)
	}
	switch s.Emit {
	case EmitChanges:
		w.write(" EMIT CHANGES")
	case EmitFinal:
		w.write(" EMIT FINAL")
	}
	if s.Limit != "" {
		w.write(" LIMIT %s", s.Limit)
	}
}

func (w *printer) grouping(clause string, all []Expr) {
	if len(all) > 0 {
		w.write(" %s ", clause)
		w.exprs(all)
	}
}

func (w *printer) item(it Item) {
	switch {
	case it.Expr != nil && it.Star:
		w.expr(it.Expr, bindPrimary)
		w.write("->*")
	case it.Expr != nil:
		w.expr(it.Expr, 0)
	case it.Qualifier.Text != "":
		w.write("%s.*", it.Qualifier)
	default:
		w.write("*")
	}
	if it.Alias.Text != "" {
		w.write(" AS %s", it.Alias)
	}
}

func (w *printer) from(f From) {
	w.write("%s", f.Source)
	if f.Alias.Text != "" {
		w.write(" AS %s", f.Alias)
	}
}

func (w *printer) join(j Join) {
	w.write(" %sJOIN ", [...]string{InnerJoin: "", LeftJoin: "LEFT ", RightJoin: "RIGHT ", FullJoin: "FULL "}[j.Kind])
	w.from(j.From)
	if in := j.Within; in != nil {
		if in.Before == in.After {
			w.write(" WITHIN %s", durationText(in.Before))
		} else {
			w.write(" WITHIN (%s, %s)", durationText(in.Before), durationText(in.After))
		}
		if in.Grace >= 0 {
			w.write(" GRACE PERIOD %s", durationText(in.Grace))
		}
	}
	w.write(" ON ")
	w.expr(j.On, 0)
}

func (w *printer) window(win *Window) {
	w.write(" WINDOW %s (", win.Kind)
	if win.Column != nil {
		w.expr(win.Column, 0)
		w.write(", ")
	}
	if win.Kind != "SESSION" {
		w.write("SIZE ")
	}
	w.write("%s", durationText(win.Size))
	if win.Advance > 0 {
		w.write(", ADVANCE BY %s", durationText(win.Advance))
	}
	if win.Retention >= 0 {
		w.write(", RETENTION %s", durationText(win.Retention))
	}
	if win.Grace >= 0 {
		w.write(", GRACE PERIOD %s", durationText(win.Grace))
	}
	w.write(")")
}

// TypeText prints a type so that it can be parsed again: names of fields are quoted if
// necessary.
func TypeText(t row.Type) string {
	switch t.Kind {
	case row.Array:
		return "ARRAY<" + TypeText(*t.Elem) + ">"
	case row.Map:
		return "MAP<STRING, " + TypeText(*t.Elem) + ">"
	case row.Struct:
		var fields []string
		for _, f := range t.Fields {
			fields = append(fields, Name{Text: f.Name}.String()+" "+TypeText(f.Type))
		}
		return "STRUCT<" + strings.Join(fields, ", ") + ">"
	}
	return t.String()
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
