package generate

import (
	"fmt"
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// function returns a call of a registry function with a result of type t.
func (g *generator) function(t row.Type, depth int) sql.Expr {
	var fit []*signature
	for i := range signatures {
		if s := &signatures[i]; s.result.gives(t, map[string]row.Type{}) && g.defined(s) {
			fit = append(fit, s)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	s, bound := pick(g, fit...), map[string]row.Type{}
	s.result.gives(t, bound)
	return g.callOf(s, bound, depth)
}

// anyCall returns a call of any function, including those with results that are rarely
// needed.
func (g *generator) anyCall(depth int) sql.Expr {
	s := &signatures[g.IntN(len(signatures))]
	for !g.defined(s) {
		s = &signatures[g.IntN(len(signatures))]
	}
	return g.callOf(s, map[string]row.Type{}, depth)
}

// defined reports whether a function has a meaning here: a group has no NOW().
func (g *generator) defined(s *signature) bool { return g.ofRecord || !s.clock }

func (g *generator) callOf(s *signature, bound map[string]row.Type, depth int) sql.Expr {
	n := len(s.params)
	for n > s.required && g.one(2) {
		n--
	}
	if s.repeats {
		n = len(s.params) + g.IntN(3)
	}
	c := call(s.function)
	for i := range n {
		p := &s.params[min(i, len(s.params)-1)]
		if p.lambda != nil {
			c.Args = append(c.Args, g.lambda(p, bound, depth))
		} else {
			c.Args = append(c.Args, g.argument(s, p, bound, depth))
		}
	}
	if s.function == "EXTRACT" && g.one(2) {
		if part, ok := c.Args[0].(*sql.Text); ok {
			return &sql.Extract{Part: sql.Name{Text: part.Value}, X: c.Args[1]}
		}
	}
	return c
}

// argument returns a value for a parameter, often one that is meaningful for the function.
func (g *generator) argument(s *signature, p *param, bound map[string]row.Type, depth int) sql.Expr {
	t := g.typeOf(&p.pattern, bound)
	words := meaningful(s, p)
	switch {
	case p.kind == row.String && len(words) > 0:
		if g.one(6) {
			if x := g.varying(t); x != nil {
				return x
			}
		}
		return &sql.Text{Value: pick(g, words...)}
	case p.kind == row.Int && p.name != "" && !g.one(8):
		// Lengths, positions and similar.
		return &sql.Number{Text: pick(g, "0", "1", "2", "3", "5")}
	}
	return g.solid(t, g.less(depth))
}

// varying returns a non-constant expression of the type; nil if there is none.
func (g *generator) varying(t row.Type) sql.Expr {
	for _, l := range g.leaves {
		if l.Kind == t.Kind {
			return l.expr
		}
	}
	return nil
}

// meaningful lists texts that a parameter is meant for: other constants are refused, or
// never match. They depend on the function and the parameter's name, or on the name alone.
func meaningful(s *signature, p *param) []string {
	if words, ok := words[s.function+" "+p.name]; ok {
		return words
	}
	if p.name == "unit" && len(s.params) > 2 {
		p = &param{name: "unit " + s.params[2].kind.String()}
	} else if p.name == "unit" || p.name == "part" && len(s.params) > 1 && s.params[1].name == "" {
		p = &param{name: "unit " + s.params[1].kind.String()}
	}
	return words[p.name]
}

var words = map[string][]string{
	"pattern":                  {"a+", "[0-9]+", "(a|b)(c?)", "^.", "x*"},
	"FORMAT_TIMESTAMP pattern": {"yyyy-MM-dd HH:mm:ss.SSS", "d MMM yyyy h:mm a", "HHmm", "yyyyMMdd XXX"},
	"PARSE_TIMESTAMP pattern":  {"yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy"},
	"FORMAT_DATE pattern":      {"yyyy-MM-dd", "dd/MM/yy", "EEEE d MMM"},
	"PARSE_DATE pattern":       {"yyyy-MM-dd", "yyyyMMdd"},
	"FORMAT_TIME pattern":      {"HH:mm:ss", "h:mm a"},
	"PARSE_TIME pattern":       {"HH:mm", "H"},
	"zone":                     {"UTC", "Europe/Paris", "America/New_York", "+05:30"},
	"CONVERT_TZ from":          {"UTC", "Europe/Paris", "Asia/Kolkata"},
	"CONVERT_TZ to":            {"UTC", "America/New_York"},
	"path":                     {"$.a", "$.b[1]", "$", "$['a']", "$.b"},
	"json":                     {`{"a":1,"b":[2,"x"]}`, "[1,2,3]", `["a",null]`, "1", "{"},
	"url":                      {"http://test.com:8080/p/q?a=1&b=2#f", "mailto:a@b", "no url"},
	"encoding":                 {"hex", "utf8", "ascii", "base64"},
	"ENCODE from":              {"hex", "utf8", "ascii", "base64"},
	"ENCODE to":                {"hex", "utf8", "ascii", "base64"},
	"order":                    {"BIG_ENDIAN", "LITTLE_ENDIAN"},
	"direction":                {"ASC", "DESC"},
	"GEO_DISTANCE unit":        {"KM", "MI"},
	"unit TIMESTAMP":           {"YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND"},
	"unit DATE":                {"YEAR", "MONTH", "WEEK", "DAY"},
	"unit TIME":                {"HOUR", "MINUTE", "SECOND", "MILLISECOND"},
	"delimiter":                {",", " ", "", "a"},
	"separator":                {",", ""},
	"entries":                  {",", "/"},
	"pairs":                    {":=", " "},
	"capital":                  {"X", ""},
	"small":                    {"x", "*"},
}

// lambda returns a lambda for a parameter.
func (g *generator) lambda(p *param, bound map[string]row.Type, depth int) sql.Expr {
	l := &sql.Lambda{}
	inner := g.env
	inner.leaves = slices.DeleteFunc(slices.Clone(g.leaves), isExploded) // a lambda returns one value
	own := false
	for i := range p.lambda {
		name := sql.Name{Text: fmt.Sprintf("X%d", g.params)}
		g.params++
		t := g.typeOf(&p.lambda[i], bound)
		own = own || p.lambda[i].variable != "" && p.lambda[i].variable == p.variable
		l.Params = append(l.Params, name)
		for range 3 { // prefer expressions over its parameters
			inner.leaves = append(inner.leaves, leaf{&sql.Ref{Name: name}, t})
		}
	}
	t := g.typeOf(&p.pattern, bound)
	g.with(inner, func() { l.Body = g.solid(t, depth-1) })
	if own && holds(t, row.Decimal) { // the state of REDUCE would grow without limit
		l.Body = cast(l.Body, t)
	}
	return l
}
