package explain

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// Redaction replaces values by keyed hashes: equal values stay equal.
type Redaction struct {
	// Columns are topic.column, of an output or of a source.
	Columns []string
	// Key is the key of the hashes.
	Key []byte
}

// sourceColumn is a column of a source.
type sourceColumn struct{ source, column int }

// records returns records whose values that redacted columns are made of are replaced.
func (r *Redaction) records(p *plan.Plan, records []row.Record) []row.Record {
	columns := r.sourceColumns(p)
	out := make([]row.Record, len(records))
	for i, rec := range records {
		source := indexOf(p, rec.Topic)
		s := p.Sources[source]
		for c := range s.Columns {
			if !columns[sourceColumn{source, c}] {
				continue
			}
			name := s.Columns[c].Name
			if s.InValue(c) {
				rec.Value = r.replaced(rec.Value, name)
			}
			if s.Key[c] {
				rec.Key = r.replaced(rec.Key, name)
			}
		}
		out[i] = rec
	}
	return out
}

// replaced replaces the field with a name in JSON, any JSON that is no object, and all of what
// is not JSON.
func (r *Redaction) replaced(text []byte, name string) []byte {
	if text == nil {
		return nil
	}
	n, ok := parseNode(text)
	if !ok {
		return []byte(r.hash(string(text)))
	}
	return n.rewrite("", func(path string, n *node) *node {
		field, _, _ := strings.Cut(strings.ReplaceAll(path, "[]", "."), ".")
		if n.kind != scalar || path != "" && !strings.EqualFold(field, name) {
			return n
		}
		return &node{text: r.scalar(n.text)}
	}).append(nil)
}

// scalar replaces a JSON scalar by one of its type. NULL and booleans stay.
func (r *Redaction) scalar(text string) string {
	switch {
	case text == "null" || text == "true" || text == "false":
		return text
	case strings.HasPrefix(text, `"`):
		return `"` + r.hash(text) + `"`
	}
	// A number has as many digits as before.
	sum := r.sum(text)
	digits := []byte(text)
	for i, n := 0, 0; i < len(digits); i++ {
		if digits[i] == 'e' || digits[i] == 'E' {
			break
		}
		if d := digits[i]; d >= '0' && d <= '9' {
			if digits[i] = '0' + sum[n%len(sum)]%10; n == 0 && d != '0' {
				digits[i] = '1' + sum[0]%9
			} else if n == 0 {
				digits[i] = d // a leading zero
			}
			n++
		}
	}
	return string(digits)
}

func (r *Redaction) hash(text string) string { return "#" + hex.EncodeToString(r.sum(text)[:6]) }

func (r *Redaction) sum(text string) []byte {
	h := hmac.New(sha256.New, r.Key)
	h.Write([]byte(text)) // it cannot fail
	return h.Sum(nil)
}

// Check returns an error for a column that no output and no source has: it would not be
// redacted.
func (r *Redaction) Check(p *plan.Plan) error {
	for _, column := range r.Columns {
		only := Redaction{Columns: []string{column}}
		if len(only.sourceColumns(p)) == 0 && !only.hasOutput(p) {
			return fmt.Errorf("%q is not a column of an output or a source; write topic.column", column)
		}
	}
	return nil
}

// hasOutput reports whether an output has a redacted column. It may be made of no field.
func (r *Redaction) hasOutput(p *plan.Plan) bool {
	for _, s := range p.Sinks() {
		for _, c := range slices.Concat(s.Values, s.Key) {
			if r.redacts(s.Topic, c.Name) {
				return true
			}
		}
	}
	return false
}

// redacts reports whether a column of a topic is redacted.
func (r *Redaction) redacts(topic, column string) bool {
	for _, c := range r.Columns {
		if strings.EqualFold(c, topic+"."+column) {
			return true
		}
	}
	return false
}

// sourceColumns are the columns of sources that are redacted, or that a redacted column of an
// output is made of.
func (r *Redaction) sourceColumns(p *plan.Plan) map[sourceColumn]bool {
	f := feeders{p, map[sourceColumn]bool{}}
	for i, s := range p.Sources {
		for c := range s.Columns {
			if r.redacts(s.Topic, s.Columns[c].Name) {
				f.columns[sourceColumn{i, c}] = true
			}
		}
	}
	for _, q := range p.Queries {
		for i, c := range q.Sink.Values {
			if r.redacts(q.Sink.Topic, c.Name) {
				f.item(q.Logical, i)
			}
		}
		for k, c := range q.Sink.Key {
			if r.redacts(q.Sink.Topic, c.Name) {
				f.key(q.Logical, k)
			}
		}
	}
	return f.columns
}

// feeders collects the columns of sources that columns of outputs are made of.
type feeders struct {
	plan    *plan.Plan
	columns map[sourceColumn]bool
}

func (f *feeders) item(q *plan.Query, i int) { f.walk(q, q.Items[i]) }

func (f *feeders) key(q *plan.Query, k int) { f.walk(q, q.Key[k]) }

// walk visits an expression of a query as it was written.
func (f *feeders) walk(q *plan.Query, e plan.Expr) {
	switch e := e.(type) {
	case nil:
		return
	case *plan.Column:
		f.column(q, e)
	case *plan.Aggregate:
		for _, arg := range q.Aggregation.Aggregates[e.Index].Args {
			f.walk(q, arg)
		}
	case *plan.Group:
		f.walk(q, q.Aggregation.GroupBy[e.Index])
	case *plan.OverValue:
		call := &q.Over.Calls[e.Index]
		f.walk(q, call.Arg)
		for _, other := range call.Others {
			f.walk(q, other)
		}
	case *plan.Exploded:
		f.walk(q, q.Explode[e.Index])
	default:
		plan.Rebuild(e, func(operand plan.Expr) plan.Expr {
			f.walk(q, operand)
			return operand
		})
	}
}

// column visits a column of one of the query's sources. One that comes from either side is
// looked for on all of them.
func (f *feeders) column(q *plan.Query, c *plan.Column) {
	for side, in := range q.From {
		switch {
		case c.Side >= 0 && side != c.Side || c.Index >= len(in.Rows.Columns):
		case in.Stage < 0:
			f.columns[sourceColumn{in.Source, c.Index}] = true
		default:
			before := f.plan.Stages[in.Stage].Logical
			if at := in.Columns[c.Index]; at.Value >= 0 {
				f.item(before, at.Value)
			} else if at.Key >= 0 {
				f.key(before, at.Key)
			}
		}
	}
}
