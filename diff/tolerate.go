package diff

import (
	"slices"

	"parallax/processors/row"
)

// Tolerated are the differences that a rule has tolerated.
type Tolerated struct {
	Rule Rule   `json:"rule"`
	Text string `json:"text"`
	// Rows is the number of rows that were tolerated because of the rule, of all rows of its topics.
	Rows int64 `json:"rows"`
	Of   int64 `json:"of"`
	// Example is the first one, Latest the last.
	Example *Example `json:"example,omitempty"`
	Latest  *Example `json:"latest,omitempty"`
}

// Rate returns the fraction of the rows that was tolerated.
func (t Tolerated) Rate() float64 {
	if t.Of == 0 {
		return 0
	}
	return float64(t.Rows) / float64(t.Of)
}

// tolerance applies rules to the outcomes of a batch.
type tolerance struct {
	rules []Tolerated
	rows  []int64 // that were tolerated, by query
	// columns[query][column] are the rules for a value column, by its index in the sink;
	// the last element has the rules for the row's timestamp.
	columns [][][]columnRule
	// about[query] are the rules about any of its columns.
	about [][]int
}

// columnRule is a rule for a column, by index, with the path inside the column to which it
// applies.
type columnRule struct {
	rule   int
	inside path
}

func newTolerance(rules []Rule, sinks []*row.Sink) tolerance {
	t := tolerance{rows: make([]int64, len(sinks))}
	for _, r := range rules {
		t.rules = append(t.rules, Tolerated{Rule: r, Text: r.String()})
	}
	for _, s := range sinks {
		columns := make([][]columnRule, len(s.Values)+1)
		var about []int
		for i, r := range rules {
			for c := range columns {
				column := timeColumn
				if c < len(s.Values) {
					column = s.Values[c]
				}
				if inside, ok := r.inside(s, column); ok {
					columns[c] = append(columns[c], columnRule{i, inside})
					about = append(about, i)
				}
			}
		}
		t.columns, t.about = append(t.columns, columns), append(t.about, slices.Compact(about))
	}
	return t
}

// total is how many rows were tolerated.
func (t *tolerance) total() (n int64) {
	for _, rows := range t.rows {
		n += rows
	}
	return n
}

// seen counts V1's rows of a batch.
func (t *tolerance) seen(v1 []row.Change) {
	if len(t.rules) == 0 {
		return
	}
	for i := range v1 {
		for _, r := range t.about[v1[i].Query] {
			t.rules[r].Of++
		}
	}
}

// tolerated returns V2's rows, with V1's values where rules tolerate the difference: in
// rows at the same place in the total order that differ in nothing else. The comparison
// then continues as usual, so a level that holds does so except for these differences.
func (d *Differ) tolerated(v1, v2 []row.Change) []row.Change {
	if len(d.tolerance.rules) == 0 {
		return v2
	}
	out := v2
	one, two := inOrder(v1), inOrder(v2)
	for i, j := 0, 0; i < len(one) && j < len(two); {
		a, b := &v1[one[i]], &v2[two[j]]
		switch order := row.CompareOrder(a, b); {
		case order < 0:
			i++
			continue
		case order > 0:
			j++
			continue
		}
		if !row.EqualRow(a, b) && d.tolerance.allows(d, a, b) {
			if &out[0] == &v2[0] {
				out = slices.Clone(v2)
			}
			out[two[j]].Values, out[two[j]].Timestamp = a.Values, a.Timestamp
			d.tolerance.rows[a.Query]++
		}
		i, j = i+1, j+1
	}
	return out
}

// inOrder returns the indexes of rows in the total order, which V2 may have violated.
func inOrder(rows []row.Change) []int {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return row.CompareOrder(&rows[i], &rows[j]) })
	return order
}

// allows reports whether all differences between two rows of one place are tolerated, and
// counts them for each rule that applies.
func (t *tolerance) allows(d *Differ, a, b *row.Change) bool {
	columns := t.columns[a.Query]
	if a.Deleted() || b.Deleted() || len(a.Values) != len(b.Values) || len(a.Values) >= len(columns) || !row.EqualValues(a.Key, b.Key) {
		return false
	}
	var taken []int
	var differing []int // columns
	for c := range columns {
		x, y := columnOf(a, c, len(columns)-1), columnOf(b, c, len(columns)-1)
		rules := ruledColumn{rules: t.rules, column: columns[c]}
		all := rules.tolerates(nil, x, y)
		taken = append(taken, rules.taken...)
		if !all {
			return false
		}
		if len(rules.taken) > 0 {
			differing = append(differing, c)
		}
	}
	for _, c := range differing {
		d.byColumn.of[a.Query][c].Tolerated++
	}
	slices.Sort(taken)
	for _, r := range slices.Compact(taken) {
		rule := &t.rules[r]
		rule.Rows++
		if ex := clip(d.example(pair{sink: d.sinks[a.Query], one: a, two: b, cause: a})); rule.Example == nil {
			rule.Example = &ex
		} else {
			rule.Latest = &ex
		}
	}
	return true
}

// columnOf is the value of a row in a column of its sink: of the last one, that of index n,
// the row's timestamp. A column that the row does not have is NULL.
func columnOf(c *row.Change, i, n int) row.Value {
	switch {
	case i == n:
		return row.NewTimestamp(c.Timestamp)
	case i < len(c.Values):
		return c.Values[i]
	}
	return row.Value{}
}
