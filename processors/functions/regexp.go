package functions

import (
	"regexp"
	"strconv"
	"strings"

	"parallax/processors/row"
)

// regexpFunctions match regular expressions, which are RE2's.
var regexpFunctions = []Function{
	{
		Name: "REGEXP_EXTRACT", Signatures: []string{"pattern STRING, text STRING, [group INT] -> STRING"},
		PrepareSearch: onPattern(0, func(b *Budget, re *pattern, a []row.Value) (row.Value, error) {
			group := 0
			if len(a) == 3 {
				group = int(a[2].Int64())
			}
			if group < 0 {
				return row.Value{}, ErrArgument
			}
			if err := b.Steps(re.steps(len(a[1].Str()))); err != nil {
				return row.Value{}, err
			}
			at := re.FindStringSubmatchIndex(a[1].Str())
			if group > re.NumSubexp() || at == nil || at[2*group] < 0 {
				return row.Value{}, nil
			}
			return row.NewString(a[1].Str()[at[2*group]:at[2*group+1]]), nil
		}),
		Doc:     "The first match of the pattern in the text or, of it, a group by number; NULL where there is none.",
		Example: "REGEXP_EXTRACT('(.*) (.*)', 'hello there', 2) = 'there'",
	},
	{
		Name: "REGEXP_REPLACE", Signatures: []string{"text STRING, pattern STRING, new STRING -> STRING"},
		PrepareSearch: onPattern(1, func(b *Budget, re *pattern, a []row.Value) (row.Value, error) {
			template, ok := newTemplate(a[2].Str(), re.Regexp)
			if !ok {
				return row.Value{}, ErrArgument
			}
			s, err := template.replace(b, a[0].Str(), re)
			return row.NewString(s), err
		}),
		Doc:     "The text with all matches of the pattern replaced; $1 is the first group, \\ takes the next character as it is.",
		Example: "REGEXP_REPLACE('a1b22', '([0-9]+)', '<$1>') = 'a<1>b<22>'",
	},
	{
		Name: "REGEXP_LIKE", Signatures: []string{"text STRING, pattern STRING -> BOOLEAN"},
		PrepareSearch: onPattern(1, func(b *Budget, re *pattern, a []row.Value) (row.Value, error) {
			if err := b.Steps(re.steps(len(a[0].Str()))); err != nil {
				return row.Value{}, err
			}
			return row.NewBoolean(re.MatchString(a[0].Str())), nil
		}),
		Doc: "Whether the pattern matches somewhere in the text.", Example: "REGEXP_LIKE('order-17', '[0-9]+') = TRUE",
	},
}

// Bounds of patterns that are data: a match takes as many steps as the text has bytes, times as many as the compiled
// pattern has instructions.
const (
	maxPattern    = 1 << 14
	maxMatchSteps = 1 << 27
)

// patternError says why a pattern is refused.
func patternError(pattern string, err error) string {
	for _, construct := range [...]struct{ begins, name string }{
		{"(?<=", "look-behind"}, {"(?<!", "look-behind"}, {"(?=", "look-ahead"}, {"(?!", "look-ahead"}, {"(?>", "atomic groups"},
	} {
		if strings.Contains(pattern, construct.begins) {
			return "regular expressions are RE2's, which has no " + construct.name + ", " + construct.begins + "...): match what surrounds it too, and take a group"
		}
	}
	return strings.TrimPrefix(err.Error(), "error parsing ")
}

// onPattern is a function whose argument i, 0 or 1, is a pattern and the other one of them the text: one that is a constant
// is compiled once, another one when it differs from the one before it.
func onPattern(i int, f func(*Budget, *pattern, []row.Value) (row.Value, error)) SearchPreparer {
	return func(constants []row.Value) (Searcher, string) {
		if !constants[i].IsNull() {
			re, err := compilePattern(constants[i].Str())
			if err != nil {
				return nil, patternError(constants[i].Str(), err)
			}
			return func(b *Budget, a []row.Value) (row.Value, error) { return f(b, re, a) }, ""
		}
		var re *pattern
		var from string
		return func(b *Budget, a []row.Value) (row.Value, error) {
			text := a[i].Str()
			if len(text) > maxPattern {
				return row.Value{}, ErrArgument
			}
			if re == nil || from != text {
				var err error
				if re, err = compilePattern(strings.Clone(text)); err != nil {
					re = nil
					return row.Value{}, ErrArgument
				}
				from = re.text
			}
			if re.steps(len(a[1-i].Str())) > maxMatchSteps {
				return row.Value{}, ErrArgument
			}
			return f(b, re, a)
		}, ""
	}
}

// template is a replacement as package regexp has it.
type template struct {
	text string
	// literal is how many bytes it adds beside groups, groups how many groups it names.
	literal, groups int
}

// newTemplate writes a replacement of Java's as one of regexp's: $12 is group 1
// and a 2 where there is no group 12, and \ takes what follows as it is.
func newTemplate(s string, re *regexp.Regexp) (template, bool) {
	if !strings.ContainsAny(s, `$\`) {
		return template{text: s, literal: len(s)}, true
	}
	var t template
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\':
			if i++; i == len(s) {
				return t, false
			}
			if s[i] == '$' {
				b.WriteByte('$')
			}
			b.WriteByte(s[i])
			t.literal++
		case '$':
			n, digits := groupNumber(s[i+1:], re.NumSubexp())
			if digits == 0 {
				return t, false
			}
			i += digits
			b.WriteString("${" + strconv.Itoa(n) + "}")
			t.groups++
		default:
			b.WriteByte(c)
			t.literal++
		}
	}
	t.text = b.String()
	return t, true
}

// replace replaces all matches in a text. It fails where the result may be larger than MaxResult, each group of the template
// counted as one byte more than all of its match: one that is empty takes time too.
func (t template) replace(b *Budget, s string, re *pattern) (string, error) {
	isSmall := len(s)+(len(s)+1)*(t.literal+2*t.groups) <= MaxResult
	if isSmall && re.isCheap(b, s) {
		if err := b.Steps(re.worst(len(s))); err != nil {
			return "", err
		}
		return re.ReplaceAllString(s, t.text), nil
	}
	var out []byte
	size, from := len(s), 0
	err := re.each(b, s, func(at []int) error {
		if size += t.literal + t.groups*(at[1]-at[0]+1) - (at[1] - at[0]); size > MaxResult {
			return ErrResultSize
		}
		out = append(out, s[from:at[0]]...)
		out = re.ExpandString(out, t.text, s, at)
		from = at[1]
		return nil
	})
	if err != nil {
		return "", err
	}
	return string(append(out, s[from:]...)), nil
}

// groupNumber reads as many digits as still name a group.
func groupNumber(s string, groups int) (n, digits int) {
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		next := n*10 + int(s[digits]-'0')
		if next > groups {
			break
		}
		n = next
		digits++
	}
	return n, digits
}
