package sql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is the kind of a token.
type kind uint8

const (
	end     kind = iota
	word         // a keyword, an unquoted name, or a length of time such as 1m; text is as written
	quoted       // a quoted name, quotes taken off
	text         // a string literal, quotes taken off
	number       // digits, as written
	symbol       // an operator or a bracket
	unknown      // a character that starts no token, an unclosed quote or comment
)

// token is one lexical element of a script.
type token struct {
	kind kind
	text string
	// upper is a word as a keyword or name, a symbol as it is; empty for the rest.
	upper string
	at    Pos
	end   Pos
}

// symbols, the longer first.
var symbols = []string{"||", "<=", ">=", "<>", "!=", "->", "=>", ":=", "(", ")", "[", "]", "{", "}", ",", ";", ".", "+", "-", "*", "/", "%", "=", "<", ">", ":"}

// lex cuts a script into tokens; comments and white space fall away. The last
// token is end.
func lex(script string) []token {
	var tokens []token
	for at := len(byteOrderMark(script)); ; {
		at = skipBlank(script, at)
		if at == len(script) {
			tokens = append(tokens, token{kind: end, at: Pos(at), end: Pos(at)})
			nameWords(tokens)
			return tokens
		}
		t := scan(script, at)
		if script[at] == '.' && t.kind == number && isQualified(tokens, at) {
			t = token{kind: symbol, text: ".", upper: ".", end: Pos(at + 1)}
		}
		t.at = Pos(at)
		at = int(t.end)
		tokens = append(tokens, t)
	}
}

// byteOrderMark is the U+FEFF at the beginning of a script, "" if there is none.
func byteOrderMark(script string) string {
	const mark = "\ufeff"
	if strings.HasPrefix(script, mark) {
		return mark
	}
	return ""
}

// isQualified reports whether a point belongs to the token that ends right before it,
// as in t.1st, so that it does not begin a number such as .5.
func isQualified(before []token, at int) bool {
	if len(before) == 0 || int(before[len(before)-1].end) != at {
		return false
	}
	switch t := before[len(before)-1]; t.kind {
	case word:
		return !reserved[t.upper]
	case symbol:
		return t.text == ")" || t.text == "]"
	default:
		return t.kind == quoted
	}
}

// skipBlank passes white space, -- comments and /* comments */.
func skipBlank(s string, at int) int {
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case unicode.IsSpace(r):
			at += size
		case strings.HasPrefix(s[at:], "--"):
			line := strings.IndexByte(s[at:], '\n')
			if line < 0 {
				return len(s)
			}
			at += line + 1
		case strings.HasPrefix(s[at:], "/*"):
			close := strings.Index(s[at+2:], "*/")
			if close < 0 {
				return at // scan shows that it is never closed
			}
			at += 2 + close + 2
		default:
			return at
		}
	}
	return at
}

// scan reads the token that starts at a byte that is not blank.
func scan(s string, at int) token {
	r, size := utf8.DecodeRuneInString(s[at:])
	switch {
	case r == '_' || unicode.IsLetter(r):
		return scanWord(s, at)
	case r >= '0' && r <= '9':
		// The longer match is used: 1e3 is a number, 1e3a and 1m are words.
		n, w := scanNumber(s, at), scanWord(s, at)
		if w.end > n.end {
			return w
		}
		return n
	case r == '.' && at+1 < len(s) && isDigit(s[at+1]):
		return scanNumber(s, at)
	case r == '\'':
		return scanQuoted(s, at, '\'', text)
	case r == '"' || r == '`':
		return scanQuoted(s, at, byte(r), quoted)
	}
	if strings.HasPrefix(s[at:], "/*") { // a closed one was passed by
		return token{kind: unknown, text: "/*", end: Pos(len(s))}
	}
	for _, sym := range symbols {
		if strings.HasPrefix(s[at:], sym) {
			return token{kind: symbol, text: sym, upper: sym, end: Pos(at + len(sym))}
		}
	}
	return token{kind: unknown, text: string(r), end: Pos(at + size)}
}

// scanWord reads letters, digits and what else a name may have.
func scanWord(s string, at int) token {
	stop := at
	for stop < len(s) {
		r, size := utf8.DecodeRuneInString(s[stop:])
		if r != '_' && r != '$' && r != '@' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		stop += size
	}
	return token{kind: word, text: s[at:stop], upper: strings.ToUpper(s[at:stop]), end: Pos(stop)}
}

// scanNumber reads 12, 1.5, .5, 1e3.
func scanNumber(s string, at int) token {
	stop := at
	digits := func() {
		for stop < len(s) && isDigit(s[stop]) {
			stop++
		}
	}
	digits()
	if stop < len(s) && s[stop] == '.' {
		stop++
		digits()
	}
	if stop < len(s) && (s[stop] == 'e' || s[stop] == 'E') {
		exponent := stop + 1
		if exponent < len(s) && (s[exponent] == '+' || s[exponent] == '-') {
			exponent++
		}
		if exponent < len(s) && isDigit(s[exponent]) {
			stop = exponent
			digits()
		}
	}
	return token{kind: number, text: s[at:stop], end: Pos(stop)}
}

// scanQuoted reads up to the closing quote; a doubled quote stands for itself.
func scanQuoted(s string, at int, quote byte, k kind) token {
	var b strings.Builder
	for i := at + 1; i < len(s); i++ {
		if s[i] != quote {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		return token{kind: k, text: b.String(), end: Pos(i + 1)}
	}
	return token{kind: unknown, text: string(quote), end: Pos(len(s))}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
