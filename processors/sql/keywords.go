package sql

import "strings"

// reserved are the words that cannot name anything without quotes.
var reserved = words(`
	SELECT FROM WHERE GROUP BY HAVING WINDOW EMIT LIMIT CREATE STREAM TABLE WITH AS AND OR NOT NULL TRUE FALSE CASE WHEN
	THEN ELSE END CAST BETWEEN IN LIKE IS DISTINCT JOIN INNER LEFT RIGHT FULL OUTER ON WITHIN PARTITION OVER INTERVAL
	EXPLAIN ESCAPE`)

// clauses are the words that begin a clause after FROM.
var clauses = []string{"JOIN", "LEFT", "RIGHT", "FULL", "INNER", "WINDOW", "WHERE", "GROUP", "HAVING", "PARTITION", "EMIT", "LIMIT", "WITHIN", "ON"}

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// String returns the name as a script must write it: quoted unless it is a plain upper-case
// identifier. ARRAY is quoted because it would be parsed as ARRAY[...] before an index.
func (n Name) String() string {
	plain := n.Text != "" && !reserved[n.Text] && n.Text != "ARRAY"
	for i, c := range n.Text {
		if c != '_' && (c < 'A' || c > 'Z') && (i == 0 || c != '$' && (c < '0' || c > '9')) {
			plain = false
		}
	}
	if plain {
		return n.Text
	}
	return "`" + strings.ReplaceAll(n.Text, "`", "``") + "`"
}
