package exec

import (
	"fmt"
	"strings"
	"time"

	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// describer shows the entries of a stage's state to people: keys with their names, windows,
// what aggregates come to, and the rows that are kept. It runs nothing, and its operator keeps
// the tallies of one group at a time.
type describer struct {
	q  *plan.Query
	op operator
}

// NewDescriber returns the describer of the state of a stage.
func NewDescriber(q *plan.Query) (state.Describer, error) {
	op, err := compile(q, Options{})
	if err != nil {
		return nil, err
	}
	return &describer{q, op}, nil
}

// Describers returns the describers of all stages of a plan.
func Describers(p *plan.Plan) ([]state.Describer, error) {
	var list []state.Describer
	for _, q := range p.Stages {
		d, err := NewDescriber(q)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// Describe returns what an entry is about and what it holds.
func (d *describer) Describe(e state.Entry) (key, text string) {
	switch s := e.State.(type) {
	case *groupEntry:
		key = named(d.q.Aggregation.GroupBy, s.key)
		if d.q.Aggregation.Window != nil {
			key += fmt.Sprintf(" in [%s, %s)", timeText(s.start), timeText(s.end))
		}
		return key, d.group(s.group, s.tallies, isAny)
	case sessionEntry:
		key = named(d.q.Aggregation.GroupBy, s.key) + fmt.Sprintf(" in a session from %s to %s", timeText(s.first), timeText(s.last))
		return key, d.group(s.group, s.tallies, isAny)
	case regroupEntry:
		return named(d.q.Aggregation.GroupBy, s.key), fmt.Sprintf("%d rows%s, ", s.n, d.rows(s.rows)) + d.group(s.group, s.tallies, (*aggregate.Fold).CanUndo)
	case overEntry:
		return named(d.q.Over.PartitionBy, s.key), d.partition(&s.partition)
	case joinEntry:
		return named(d.q.Joins[0].Left, s.key), d.sides(s.rows[0], s.rows[1])
	case tableJoinEntry:
		var sides [2][]joinRow
		for side, own := range s.rows {
			if own != nil {
				sides[side] = []joinRow{*own}
			}
		}
		return named(d.q.Joins[0].Left, s.key), fmt.Sprintf("%s, joined row shown: %s", d.sides(sides[0], sides[1]), yesOrNo(s.shown))
	case shownEntry:
		return named(d.q.Retain.Key, s.key), "its row is shown"
	case replacedEntry:
		return named(d.q.Retain.Key, s.key), fmt.Sprintf("%s, since position %d", named(d.q.Items, s.items), s.since)
	case distinctEntry:
		return named(d.q.Items, s.tuple), "it was emitted"
	case limitEntry:
		return "LIMIT", fmt.Sprintf("%d rows were let through", s.rows)
	}
	return "", fmt.Sprintf("%T", e.State) // no operator has such entries
}

// grouping returns the aggregation of the operator.
func (d *describer) grouping() *aggregation {
	switch op := d.op.(type) {
	case *aggregation:
		return op
	case *hopping:
		return op.intake.aggregation
	case *session:
		return op.intake.aggregation
	case *regroup:
		return op.in.aggregation
	}
	panic(fmt.Sprintf("%T does not group", d.op)) // Describe asks for entries of groups only
}

func isAny(*aggregate.Fold) bool { return true }

// group shows what the aggregates of a group come to whose folds are shown.
func (d *describer) group(saved aggregate.Group, tallies []aggregate.Tally, isShownFold func(*aggregate.Fold) bool) string {
	a, s := d.grouping(), saved.Clone()
	a.Keep(&s, tallies)
	defer a.ForgetTallies()
	var parts []string
	for i := range d.q.Aggregation.Aggregates {
		result := &a.output.aggregates[i]
		if !isShownFold(&a.Folds[result.Fold()]) {
			continue
		}
		var v row.Value
		if flaw := result.Write(&s, &v); flaw != expression.Sound {
			v = row.Value{}
		}
		parts = append(parts, d.q.Aggregation.Aggregates[i].String()+"="+v.String())
	}
	parts = append(parts, "largest event time "+timeText(int64(s.Words[timestampWord])), "row shown: "+yesOrNo(isShown(&s)))
	return strings.Join(parts, ", ")
}

// rows shows the rows of a group of a table, of which what cannot be undone is made again.
func (d *describer) rows(rows []groupRow) (text string) {
	arguments := d.grouping().Arguments
	for i := max(0, len(rows)-mostKept); i < len(rows); i++ {
		values := row.CloneAll(rows[i].values)
		for k, o := range rows[i].operands {
			values = append(values, arguments[k].Value(o))
		}
		text += fmt.Sprintf(" (%s since position %d)", pairs(nil, values), rows[i].since)
	}
	return text
}

// mostKept is how many kept values and rows are shown, the latest ones.
const mostKept = 5

// partition shows a partition of OVER.
func (d *describer) partition(s *overState) string {
	text := fmt.Sprintf("%d rows, the last one at %s with rank %d and dense rank %d", s.rows, timeText(s.time), s.rank, s.dense)
	op := d.op.(*over)
	for i := range op.arguments {
		a, ring := &op.arguments[i], &s.rings[i]
		first := a.firstKept(s.rows)
		if first == s.rows {
			continue
		}
		var values []string
		for n := max(first, s.rows-mostKept); n < s.rows; n++ {
			o := ring.operand(ring.at(n))
			values = append(values, a.Value(o).String())
		}
		text += fmt.Sprintf(", %d values of argument %d: %s", s.rows-first, i+1, strings.Join(values, ", "))
		if int64(len(values)) < s.rows-first {
			text += " last"
		}
	}
	return text
}

// sides shows the rows that a join keeps of a key.
func (d *describer) sides(left, right []joinRow) string {
	var columns [2][]string
	for _, c := range d.q.Joins[0].Row {
		if c.Side != plan.EitherSide {
			columns[c.Side] = append(columns[c.Side], c.Name)
		}
	}
	var parts []string
	for side, rows := range [...][]joinRow{left, right} {
		text := fmt.Sprintf("%s: %d rows", [...]string{"left", "right"}[side], len(rows))
		for i := max(0, len(rows)-mostKept); i < len(rows); i++ {
			text += fmt.Sprintf(" (%s at %s, matched: %s)", pairs(columns[side], rows[i].values), timeText(rows[i].time), yesOrNo(rows[i].matched))
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// named shows values with the texts of their expressions.
func named(exprs []plan.Expr, values []row.Value) string {
	names := make([]string, len(exprs))
	for i, e := range exprs {
		names[i] = e.String()
	}
	return pairs(names, values)
}

// pairs shows values with names; a value more has none.
func pairs(names []string, values []row.Value) string {
	var parts []string
	for i, v := range values {
		text := v.String()
		if i < len(names) {
			text = names[i] + "=" + text
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "(none)"
	}
	return strings.Join(parts, ", ")
}

func yesOrNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// timeText shows a time in ms, in UTC; one without a year of four digits is shown as a number.
func timeText(ms int64) string {
	if t := time.UnixMilli(ms).UTC(); t.Year() >= 1 && t.Year() <= 9999 {
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return fmt.Sprint(ms)
}
