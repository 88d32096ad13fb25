package plan

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
		Prepare: onPattern(0, func(re *regexp.Regexp, a []row.Value) (row.Value, error) {
			group := 0
			if len(a) == 3 {
				group = int(a[2].Int64())
			}
			if group < 0 {
				return row.Value{}, ErrArgument
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
		Prepare: onPattern(1, func(re *regexp.Regexp, a []row.Value) (row.Value, error) {
			template, ok := replacement(a[2].Str(), re)
			if !ok {
				return row.Value{}, ErrArgument
			}
			return row.NewString(re.ReplaceAllString(a[0].Str(), template)), nil
		}),
		Doc:     "The text with all matches of the pattern replaced; $1 is the first group, \\ takes the next character as it is.",
		Example: "REGEXP_REPLACE('a1b22', '([0-9]+)', '<$1>') = 'a<1>b<22>'",
	},
	{
		Name: "REGEXP_LIKE", Signatures: []string{"text STRING, pattern STRING -> BOOLEAN"},
		Prepare: onPattern(1, func(re *regexp.Regexp, a []row.Value) (row.Value, error) {
			return row.NewBoolean(re.MatchString(a[0].Str())), nil
		}),
		Doc: "Whether the pattern matches somewhere in the text.", Example: "REGEXP_LIKE('order-17', '[0-9]+') = TRUE",
	},
}

// onPattern is a function whose argument i is a pattern: one that is a constant
// is compiled once, another one when it differs from the one before it.
func onPattern(i int, f func(*regexp.Regexp, []row.Value) (row.Value, error)) Preparer {
	return func(constants []row.Value, _ []row.Type) (Evaluator, string) {
		var re *regexp.Regexp
		var from string
		if !constants[i].IsNull() {
			var err error
			if re, err = regexp.Compile(constants[i].Str()); err != nil {
				return nil, strings.TrimPrefix(err.Error(), "error parsing ")
			}
			return func(a []row.Value, _ row.Type) (row.Value, error) { return f(re, a) }, ""
		}
		return func(a []row.Value, _ row.Type) (row.Value, error) {
			if text := a[i].Str(); re == nil || from != text {
				var err error
				if re, err = regexp.Compile(text); err != nil {
					re = nil
					return row.Value{}, ErrArgument
				}
				from = strings.Clone(text)
			}
			return f(re, a)
		}, ""
	}
}

// replacement writes a replacement of Java's as one of regexp's: $12 is group 1
// and a 2 where there is no group 12, and \ takes what follows as it is.
func replacement(s string, re *regexp.Regexp) (string, bool) {
	if !strings.ContainsAny(s, `$\`) {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\':
			if i++; i == len(s) {
				return "", false
			}
			if s[i] == '$' {
				b.WriteByte('$')
			}
			b.WriteByte(s[i])
		case '$':
			n, digits := groupNumber(s[i+1:], re.NumSubexp())
			if digits == 0 {
				return "", false
			}
			i += digits
			b.WriteString("${" + strconv.Itoa(n) + "}")
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
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
