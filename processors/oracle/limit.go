package oracle

import "parallax/processors/row"

// limited returns the rows that LIMIT lets pass of those that the query made at a moment.
// LIMIT counts the rows of all moments.
func (q *query) limited(made []row.Change) []row.Change {
	if q.Limit == nil {
		return made
	}
	room := min(*q.Limit-q.emitted, int64(len(made)))
	q.emitted += room
	if room > 0 && q.at.phase == 1 {
		of := &q.out.Dispositions[q.at.cause]
		*of = max(*of, row.Output)
	}
	return made[:room]
}
