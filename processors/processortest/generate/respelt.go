package generate

import (
	"strings"

	"parallax/processors/sql"
)

// Respelt is the case with fields beside those of the records whose names differ from
// theirs only in case: before the even ones and after the odd ones. They hold what no
// column converts to. ok is false where no record has such fields.
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
