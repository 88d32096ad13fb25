package sql

// These words are keywords only where a clause can begin with them; elsewhere they are
// names, as in ksqlDB: columns are called partition, interval and so on.

// isKeywordAt decides, for each word that is not reserved, whether token i, which is that
// word, is a keyword. A token follows it.
var isKeywordAt = map[string]func(tokens []token, i int) bool{
	"PARTITION": func(tokens []token, i int) bool {
		return tokens[i+1].upper == "BY" || i > 1 && tokens[i-1].upper == "(" && tokens[i-2].upper == "OVER"
	},
	"EMIT": func(tokens []token, i int) bool {
		next := tokens[i+1]
		return next.kind == word && Nearest(next.upper, []string{"CHANGES", "FINAL"}) != ""
	},
	"ESCAPE": func(tokens []token, i int) bool { return tokens[i+1].kind == text },
	"INTERVAL": func(tokens []token, i int) bool {
		next := tokens[i+1]
		isLength := next.kind == word && next.text[0] >= '0' && next.text[0] <= '9'
		return next.kind == text || next.kind == number || isLength
	},
	"EXPLAIN": func(tokens []token, i int) bool {
		begins := i == 0 || tokens[i-1].upper == ";"
		return begins && tokens[i+1].kind == word
	},
}

// nameWords turns the words that are not keywords at their place into names, like quoted
// names in upper case.
func nameWords(tokens []token) {
	for i := range len(tokens) - 1 {
		t := &tokens[i]
		if isKeyword := isKeywordAt[t.upper]; t.kind == word && isKeyword != nil && !isKeyword(tokens, i) {
			t.kind, t.text, t.upper = quoted, t.upper, ""
		}
	}
}
