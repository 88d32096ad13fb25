package generate

import (
	"fmt"
	"strconv"
	"strings"

	"parallax/processors/numeric"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// QueryWith returns the first query that reads exactly one source, a stream, and for which
// holds is true; nil if there is none.
func QueryWith(c *Case, holds func(*sql.Select) bool) *sql.Select {
	for _, s := range c.Script.Statements {
		if q, ok := s.(*sql.CreateAs); ok && len(q.Select.Joins) == 0 && c.stream(q.Select.From.Source.Text) != nil && holds(q.Select) {
			return q.Select
		}
	}
	return nil
}

// stream finds a declared stream.
func (c *Case) stream(name string) *sql.CreateSource {
	for _, s := range c.Script.Statements {
		if src, ok := s.(*sql.CreateSource); ok && src.Name.Text == name && !src.Table {
			return src
		}
	}
	return nil
}

// With returns the case with other queries over the same sources.
func (c *Case) With(options string, queries ...sql.Statement) *Case {
	out := &Case{Script: &sql.Script{}, Options: options, Records: c.Records}
	for _, s := range c.Script.Statements {
		if src, ok := s.(*sql.CreateSource); ok {
			out.Script.Statements = append(out.Script.Statements, src)
		}
	}
	out.Script.Statements = append(out.Script.Statements, queries...)
	out.Records = nil
	for _, r := range c.Records {
		for _, s := range queries {
			if src := c.stream(s.(*sql.CreateAs).Select.From.Source.Text); src != nil && topicOf(src) == r.Topic {
				out.Records = append(out.Records, r)
				break
			}
		}
	}
	return out
}

func topicOf(s *sql.CreateSource) string {
	if topic := propertyOf(s, "KAFKA_TOPIC"); topic != "" {
		return topic
	}
	return s.Name.Text
}

// Projection returns a query that selects an expression as column X of a query's source, or
// a constant if it is nil, with a condition.
func Projection(of *sql.Select, name string, x, where sql.Expr) sql.Statement {
	if x == nil {
		x = &sql.Null{}
	}
	return &sql.CreateAs{Name: sql.Name{Text: name}, Select: &sql.Select{
		From: of.From, Where: where, Items: []sql.Item{{Expr: x, Alias: sql.Name{Text: "X"}}},
	}}
}

// Lifted returns the first query that is a plain projection, and the same with its
// constants replaced by columns whose values each record has; nil if there is no such
// query, or no constant.
func Lifted(c *Case) (plain, lifted *Case) {
	q := QueryWith(c, func(s *sql.Select) bool {
		return len(s.GroupBy) == 0 && s.Having == nil && s.Window == nil && !s.Distinct && len(s.PartitionBy) == 0
	})
	if q == nil || hasAggregate(q) {
		return nil, nil
	}
	for _, it := range q.Items {
		if it.Star {
			return nil, nil
		}
	}
	plain = c.With("", &sql.CreateAs{Name: sql.Name{Text: "LIFTED"}, Select: q})
	script, err := sql.Parse(plain.Script.String()) // an independent copy
	if err != nil {
		return nil, nil
	}
	lifted = &Case{Script: script}
	src := lifted.stream(q.From.Source.Text)
	if !named(src) {
		return nil, nil // a missing field would be read from the new column
	}
	var fields []Field
	all := slots(script.Statements[len(script.Statements)-1].(*sql.CreateAs).Select)
	signed := map[*sql.Expr]bool{} // numbers after a minus
	for _, slot := range all {
		if minus, ok := (*slot).(*sql.Unary); ok {
			signed[&minus.X] = true
		}
	}
	for _, slot := range all {
		t, value, ok := constantOf(*slot)
		if !ok || signed[slot] {
			continue
		}
		name := fmt.Sprintf("LIFTED%d", len(fields))
		*slot = &sql.Ref{Name: sql.Name{Text: name}}
		src.Columns = append(src.Columns, sql.ColumnDef{Name: sql.Name{Text: name}, Type: sql.TypeName{Type: t}})
		fields = append(fields, Field{name, value})
	}
	if len(fields) == 0 {
		return nil, nil
	}
	for _, r := range plain.Records {
		if r.Raw == "" {
			r.Fields = append(append([]Field(nil), r.Fields...), fields...)
		}
		lifted.Records = append(lifted.Records, r)
	}
	return plain, lifted
}

// constantOf is a constant's type and its JSON. A number after a minus has another
// type than without it, and stays.
func constantOf(x sql.Expr) (t row.Type, value string, ok bool) {
	switch x := x.(type) {
	case *sql.Bool:
		return boolean, strconv.FormatBool(x.Value), true
	case *sql.Text:
		return text, string(row.AppendJSONString(nil, x.Value)), true
	case *sql.TypedText:
		return row.Of(x.Kind), strconv.Quote(x.Value), true
	case *sql.Number:
		return typeOfNumber(x.Text), x.Text, true
	}
	return t, "", false
}

func typeOfNumber(digits string) row.Type {
	if strings.ContainsAny(digits, "eE") {
		return double
	}
	if strings.Contains(digits, ".") {
		v, scale, _ := numeric.ParseDecimal(digits)
		return row.DecimalType(max(v.Digits(), scale), scale)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case err != nil: // beyond BIGINT
		return row.DecimalType(len(strings.TrimLeft(digits, "0")), 0)
	case n == int64(int32(n)):
		return integer
	}
	return bigint
}
