package functions

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"parallax/processors/row"
)

// stringFunctions work on text, by characters, positions from 1; and on BYTES,
// by bytes, where a text could as well be bytes.
var stringFunctions = []Function{
	{
		Name: "UCASE", Aliases: []string{"UPPER"}, Signatures: onString,
		Eval: text(upperCase), Doc: "The text in upper case, by Unicode's full mapping: ß is SS.", Example: "UCASE('Acme') = 'ACME'",
	},
	{
		Name: "LCASE", Aliases: []string{"LOWER"}, Signatures: onString,
		Eval: text(lowerCase), Doc: "The text in lower case, by Unicode's full mapping.", Example: "LCASE('Acme') = 'acme'",
	},
	{
		Name: "INITCAP", Signatures: onString, Eval: text(initCap),
		Doc: "Each word with a capital first letter and the rest in lower case; words end at white space.", Example: "INITCAP('the OLD sea') = 'The Old Sea'",
	},
	{
		Name: "TRIM", Signatures: onString, Eval: text(func(s string) string { return strings.Trim(s, blanks) }),
		Doc: "The text without the characters up to U+0020 (blanks, tabs, line ends, control characters) at its ends.", Example: "TRIM('  a ') = 'a'",
	},
	{
		Name: "LTRIM", Signatures: onString, Eval: text(func(s string) string { return strings.TrimLeft(s, blanks) }),
		Doc: "The text without the characters up to U+0020 at its start.", Example: "LTRIM('  a ') = 'a '",
	},
	{
		Name: "RTRIM", Signatures: onString, Eval: text(func(s string) string { return strings.TrimRight(s, blanks) }),
		Doc: "The text without the characters up to U+0020 at its end.", Example: "RTRIM('  a ') = '  a'",
	},
	{
		Name: "LEN", Aliases: []string{"LENGTH"}, Signatures: []string{"STRING -> INT", "BYTES -> INT"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return row.NewInt(int64(countOf(a[0]))), nil },
		Doc:  "The number of characters, or of bytes.", Example: "LEN('naïve') = 5",
	},
	{
		Name:       "SUBSTRING",
		Signatures: []string{"STRING, position INT, [length INT] -> STRING", "BYTES, position INT, [length INT] -> BYTES"},
		Eval:       substring,
		Doc:        "The text from a position (from 1; negative: from the end), all of it or as many characters as said.",
		Example:    "SUBSTRING('parallax', 5, 3) = 'lla'",
	},
	{
		Name: "POSITION", Signatures: []string{"part STRING, text STRING -> INT"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return row.NewInt(find(a[1].Str(), a[0].Str(), 1, 1)), nil
		},
		Doc: "Where the part begins in the text, from 1; 0 where it is not in it.", Example: "POSITION('@', 'me@home') = 3",
	},
	{
		Name: "INSTR", Signatures: []string{"text STRING, part STRING, [position INT], [occurrence INT] -> INT"}, Eval: instr,
		Doc:     "Where the part begins in the text, from 1, at or after a position (negative: from the end backwards), the first or nth time; 0 where it does not.",
		Example: "INSTR('CORPORATE FLOOR', 'OR', 3, 2) = 14",
	},
	{
		Name: "STARTS_WITH", Signatures: []string{"text STRING, part STRING -> BOOLEAN"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return row.NewBoolean(strings.HasPrefix(a[0].Str(), a[1].Str())), nil
		},
		Doc: "Whether the text begins with the part.", Example: "STARTS_WITH('parallax', 'para') = TRUE",
	},
	{
		Name: "REPLACE", Signatures: []string{"text STRING, old STRING, new STRING -> STRING"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			s, err := replaceAll(a[0].Str(), a[1].Str(), a[2].Str())
			return row.NewString(s), err
		},
		Doc: "The text with one part in place of another, everywhere.", Example: "REPLACE('a-b-c', '-', '+') = 'a+b+c'",
	},
	{
		Name: "REVERSE", Signatures: onString, Eval: text(reverse),
		Doc: "The characters from the last to the first.", Example: "REVERSE('naïve') = 'evïan'",
	},
	{
		Name: "SPLIT_PART", Signatures: []string{"text STRING, delimiter STRING, n INT -> STRING"}, Eval: splitPart,
		Doc:     "The nth part between delimiters, from 1 (negative: from the end); empty where there are fewer.",
		Example: "SPLIT_PART('a/b/c', '/', 2) = 'b'",
	},
	{
		Name: "CONCAT", Signatures: []string{"STRING... -> STRING", "BYTES... -> BYTES"}, TakesNull: true,
		Eval: func(a []row.Value, t row.Type) (row.Value, error) {
			var b strings.Builder
			for _, v := range a {
				if b.Len()+len(v.Str()) > MaxResult {
					return row.Value{}, ErrResultSize
				}
				b.WriteString(v.Str()) // NULL has no text
			}
			return row.NewText(t.Kind, b.String()), nil
		},
		Doc: "The texts one after the other; NULLs are skipped.", Example: "CONCAT('a', NULL, 'b') = 'ab'",
	},
	{
		Name: "CONCAT_WS", Signatures: []string{"separator STRING, STRING... -> STRING", "separator BYTES, BYTES... -> BYTES"},
		TakesNull: true, Eval: concatWith,
		Doc: "The texts with the first between them; NULLs are skipped; NULL where the first is.", Example: "CONCAT_WS(', ', 'a', NULL, 'b') = 'a, b'",
	},
	{
		Name: "CHR", Signatures: []string{"INT -> STRING", "STRING -> STRING"}, Eval: chr,
		Doc: "The character with the code point, a number or text such as '\\u004b'; NULL where there is none.", Example: "CHR(75) = 'K'",
	},
}

var onString = []string{"STRING -> STRING"}

// blanks are the characters that TRIM takes away: those up to U+0020, as Java's
// String.trim.
var blanks = string(blankCharacters())

func blankCharacters() (list []rune) {
	for r := rune(0); r <= ' '; r++ {
		list = append(list, r)
	}
	return list
}

func text(f func(string) string) Evaluator {
	return func(a []row.Value, _ row.Type) (row.Value, error) { return row.NewString(f(a[0].Str())), nil }
}

// countOf is the length of a STRING in characters, of BYTES in bytes.
func countOf(v row.Value) int {
	if v.Kind() == row.Bytes {
		return len(v.Str())
	}
	return utf8.RuneCountInString(v.Str())
}

// offset is the byte at which character n of a STRING, or byte n of BYTES,
// begins, from 0; the end of the text where it is shorter.
func offset(v row.Value, n int) int {
	s := v.Str()
	if v.Kind() == row.Bytes {
		return min(n, len(s))
	}
	return runeOffset(s, n)
}

func runeOffset(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

func initCap(s string) string {
	inWord := false
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			inWord = false
			return r
		case inWord:
			return unicode.ToLower(r)
		}
		inWord = true
		return unicode.ToUpper(r)
	}, s)
}

func reverse(s string) string {
	out := make([]byte, len(s))
	at := len(s)
	for i := 0; i < len(s); {
		_, size := utf8.DecodeRuneInString(s[i:])
		at -= size
		copy(out[at:], s[i:i+size])
		i += size
	}
	return string(out)
}

// substring follows ksqlDB: position 0 is 1, a negative one counts from the end,
// and what lies outside the text is cut.
func substring(a []row.Value, t row.Type) (row.Value, error) {
	v := a[0]
	start := int(a[1].Int64())
	switch {
	case start > 0:
		start--
	case start < 0:
		start = max(0, countOf(v)+start)
	}
	from := offset(v, start)
	s := v.Str()[from:]
	if len(a) == 3 {
		s = s[:offset(row.NewText(t.Kind, s), int(max(0, a[2].Int64())))]
	}
	return row.NewText(t.Kind, s), nil
}

// instr follows ksqlDB: position 0 is 1; past the text nothing is found;
// occurrences may overlap.
func instr(a []row.Value, _ row.Type) (row.Value, error) {
	position, occurrence := int64(1), int64(1)
	if len(a) > 2 {
		position = a[2].Int64()
	}
	if len(a) > 3 {
		occurrence = a[3].Int64()
	}
	if position >= 0 {
		return row.NewInt(find(a[0].Str(), a[1].Str(), max(1, position), occurrence)), nil
	}
	s, part := reverse(a[0].Str()), reverse(a[1].Str())
	at := find(s, part, -position, occurrence)
	if at == 0 {
		return row.NewInt(0), nil
	}
	return row.NewInt(int64(utf8.RuneCountInString(s)) - at - int64(utf8.RuneCountInString(part)) + 2), nil
}

// find returns the position of the nth occurrence of part at or after a
// position; 0 where there is none.
func find(s, part string, position, occurrence int64) int64 {
	if int64(utf8.RuneCountInString(s)) < position || occurrence < 1 {
		return 0
	}
	if part == "" {
		return position
	}
	from := runeOffset(s, int(position-1))
	for at := range findAll(s[from:], part, true) {
		if occurrence--; occurrence == 0 {
			return position + int64(utf8.RuneCountInString(s[from:from+at]))
		}
	}
	return 0
}

func splitPart(a []row.Value, _ row.Type) (row.Value, error) {
	s, delimiter, n := a[0].Str(), a[1].Str(), a[2].Int64()
	if n == 0 {
		return row.Value{}, ErrArgument
	}
	if delimiter == "" {
		if n != 1 && n != -1 {
			s = ""
		}
		return row.NewString(s), nil
	}
	if n < 0 {
		n += int64(count(s, delimiter)) + 2
	}
	for part := range parts(s, delimiter) {
		if n--; n == 0 {
			return row.NewString(part), nil
		}
	}
	return row.NewString(""), nil
}

func concatWith(a []row.Value, t row.Type) (row.Value, error) {
	if a[0].IsNull() {
		return row.Value{}, nil
	}
	var b strings.Builder
	first := true
	for _, v := range a[1:] {
		if v.IsNull() {
			continue
		}
		if b.Len()+len(a[0].Str())+len(v.Str()) > MaxResult {
			return row.Value{}, ErrResultSize
		}
		if !first {
			b.WriteString(a[0].Str())
		}
		first = false
		b.WriteString(v.Str())
	}
	return row.NewText(t.Kind, b.String()), nil
}

func chr(a []row.Value, _ row.Type) (row.Value, error) {
	if a[0].Kind() == row.String {
		return chrOf(a[0].Str()), nil
	}
	n := a[0].Int64()
	if n != int64(rune(n)) || !utf8.ValidRune(rune(n)) {
		return row.Value{}, nil
	}
	return row.NewString(string(rune(n))), nil
}

// chrOf reads \uXXXX, or two of them that are a surrogate pair.
func chrOf(s string) row.Value {
	var units []uint16
	for ; len(s) >= 6 && s[:2] == `\u` && len(units) < 2; s = s[6:] {
		n, err := strconv.ParseUint(s[2:6], 16, 16)
		if err != nil {
			return row.Value{}
		}
		units = append(units, uint16(n))
	}
	runes := utf16.Decode(units)
	if s != "" || len(runes) != 1 || runes[0] == utf8.RuneError {
		return row.Value{}
	}
	return row.NewString(string(runes[0]))
}
