package plan

import (
	"strings"
	"unicode/utf8"

	"parallax/processors/row"
)

// stringFunctions work on text, by characters, positions from 1.
var stringFunctions = []Function{
	{
		Name: "UCASE", Aliases: []string{"UPPER"}, MinArgs: 1, MaxArgs: 1, Types: fixed(row.String, row.String),
		Eval: onText(strings.ToUpper), Doc: "The text in upper case.", Example: "UCASE('Acme') = 'ACME'",
	},
	{
		Name: "LCASE", Aliases: []string{"LOWER"}, MinArgs: 1, MaxArgs: 1, Types: fixed(row.String, row.String),
		Eval: onText(strings.ToLower), Doc: "The text in lower case.", Example: "LCASE('Acme') = 'acme'",
	},
	{
		Name: "TRIM", MinArgs: 1, MaxArgs: 1, Types: fixed(row.String, row.String),
		Eval: onText(func(s string) string { return strings.Trim(s, " ") }),
		Doc:  "The text without blanks at its ends.", Example: "TRIM('  a ') = 'a'",
	},
	{
		Name: "LEN", Aliases: []string{"LENGTH"}, MinArgs: 1, MaxArgs: 1, Types: fixed(row.Int, row.String),
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return row.NewInt(int64(utf8.RuneCountInString(a[0].Str()))), nil
		},
		Doc: "The number of characters.", Example: "LEN('naïve') = 5",
	},
	{
		Name: "SUBSTRING", MinArgs: 2, MaxArgs: 3, Types: fixed(row.String, row.String, row.Int, row.Int), Eval: substring,
		Doc:     "The text from a position (from 1; negative: from the end), all of it or as many characters as said.",
		Example: "SUBSTRING('parallax', 5, 3) = 'lla'",
	},
	{
		Name: "CONCAT", MinArgs: 1, MaxArgs: -1, Types: fixed(row.String, row.String), TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			var b strings.Builder
			for _, v := range a {
				b.WriteString(v.Str()) // NULL has no text
			}
			return row.NewString(b.String()), nil
		},
		Doc: "The texts one after the other; NULLs are skipped.", Example: "CONCAT('a', NULL, 'b') = 'ab'",
	},
}

func onText(f func(string) string) func([]row.Value, row.Type) (row.Value, error) {
	return func(a []row.Value, _ row.Type) (row.Value, error) { return row.NewString(f(a[0].Str())), nil }
}

// substring follows ksqlDB: position 0 is 1, a negative one counts from the end,
// and what lies outside the text is cut.
func substring(a []row.Value, _ row.Type) (row.Value, error) {
	runes := []rune(a[0].Str())
	start := a[1].Int64()
	switch {
	case start > 0:
		start--
	case start < 0:
		start = max(0, int64(len(runes))+start)
	}
	start = min(start, int64(len(runes)))
	stop := int64(len(runes))
	if len(a) == 3 {
		stop = min(stop, start+max(0, a[2].Int64()))
	}
	return row.NewString(string(runes[start:stop])), nil
}
