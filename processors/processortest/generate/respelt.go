package generate

import (
	"strings"

	"parallax/processors/sql"
)

// Respelt adds fields to the records whose names differ from the existing ones only in
// case: before the even ones and after the odd ones. Their values do not convert to any
// column's type. ok is false if no record has such fields.
func Respelt(c *Case) (out *Case, ok bool) {
	hasNames := map[string]bool{}
	for _, s := range c.Script.Statements {
		if src, isSource := s.(*sql.CreateSource); isSource {
			hasNames[topicOf(src)] = named(src)
		}
	}
	out = &Case{Script: c.Script, Options: c.Options}
	for _, r := range c.Records {
		if r.Raw == "" && hasNames[r.Topic] {
			var fields []Field
			for i, f := range r.Fields {
				other := Field{strings.ToLower(f.Name), `"\ud800 of another name"`}
				if i%2 == 0 && other.Name != f.Name {
					fields = append(fields, other)
					ok = true
				}
				fields = append(fields, f)
				if i%2 == 1 && other.Name != f.Name {
					fields = append(fields, other)
					ok = true
				}
			}
			r.Fields = fields
		}
		out.Records = append(out.Records, r)
	}
	return out, ok
}
