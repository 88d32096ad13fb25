package explain

import (
	"strings"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/redaction"
)

// redactor replaces the values of redacted columns of sources: equal values stay equal, and a
// value keeps its type.
type redactor struct{ *redaction.Redaction }

// records returns records whose values that redacted columns are made of are replaced.
func (r redactor) records(p *plan.Plan, records []row.Record) []row.Record {
	out := make([]row.Record, len(records))
	for i, rec := range records {
		source := indexOf(p, rec.Topic)
		s := p.Sources[source]
		for c := range s.Columns {
			if !r.HasSource(source, c) {
				continue
			}
			name := s.Columns[c].Name
			if s.InValue(c) {
				rec.Value = r.replaced(rec.Value, name)
			}
			if s.Key[c] {
				rec.Key = r.replaced(rec.Key, name)
			}
			if !s.InValue(c) && !s.Key[c] {
				rec.Headers = r.headers(rec.Headers)
			}
		}
		if r.HasKey(source) {
			rec.Key = r.replaced(rec.Key, "")
		}
		out[i] = rec
	}
	return out
}

// headers replaces the values of all headers: a column may contain any of them.
func (r redactor) headers(headers []row.Header) []row.Header {
	out := make([]row.Header, len(headers))
	for i, h := range headers {
		if out[i] = h; h.Value != nil {
			out[i].Value = []byte(r.Replace(string(h.Value)))
		}
	}
	return out
}

// replaced replaces the field with a name in JSON ("" for all fields), any JSON that is no
// object, and all of what is not JSON.
func (r redactor) replaced(text []byte, name string) []byte {
	if text == nil {
		return nil
	}
	n, ok := parseNode(text)
	if !ok {
		return []byte(r.Replace(string(text)))
	}
	return n.rewrite("", func(path string, n *node) *node {
		field, _, _ := strings.Cut(strings.ReplaceAll(path, "[]", "."), ".")
		if n.kind != scalar || path != "" && name != "" && !strings.EqualFold(field, name) {
			return n
		}
		return &node{text: r.scalar(n.text)}
	}).append(nil)
}

// scalar replaces a JSON scalar by one of its type. NULL stays, and the key decides whether
// booleans change places.
func (r redactor) scalar(text string) string {
	switch {
	case text == "null":
		return text
	case text == "true" || text == "false":
		if r.Sum("booleans")[0]&1 == 0 {
			return text
		}
		return map[string]string{"true": "false", "false": "true"}[text]
	case strings.HasPrefix(text, `"`):
		return `"` + r.Replace(text) + `"`
	}
	// A number has as many digits as before.
	sum := r.Sum(text)
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
