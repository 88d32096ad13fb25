package explain

import (
	"context"
	"fmt"
	"strings"

	"parallax/processors/route"
	"parallax/processors/row"
)

// conclude says in one sentence what the matrix shows, and adds what else it shows.
func (m *matrix) conclude(ctx context.Context) (sentence string, more []string, err error) {
	condition, err := m.cutCondition(ctx)
	if err != nil {
		return "", nil, err
	}
	sentence = m.partitionSentence(condition)
	restarted, canRestart := m.shows(func(c Cell) bool { return c.Restarts && c.Refused == "" })
	apart, _ := m.shows(func(c Cell) bool {
		return !c.Restarts && c.Batch == 1 && c.Partitions == m.base.V2.Count() && c.Strategy == m.baseStrategy()
	})
	anyway, _ := m.shows(func(c Cell) bool { return !c.Restarts })
	switch {
	case !anyway:
		more = append(more, "It shows only if V2 is restarted with its stored state between the records: something is lost when the state is saved or restored.")
	case canRestart && apart && !restarted:
		more = append(more, "It does not show if V2 is restarted with its stored state between the records: V2 keeps something in memory that its state does not contain.")
	}
	var without []string
	for _, c := range m.cells {
		if c.Strategy != m.baseStrategy() && !c.Restarts && !c.Shows && c.Refused == "" {
			without = append(without, string(c.Strategy))
		}
	}
	if len(without) > 0 {
		more = append(more, "It does not show if V2 routes by "+strings.Join(without, " or ")+".")
	}
	return sentence, more, nil
}

// baseStrategy is the job's.
func (m *matrix) baseStrategy() route.Strategy { return m.cells[0].Strategy }

// partitionSentence says what the number of partitions has to do with it.
func (m *matrix) partitionSentence(condition string) string {
	n := m.base.V2.Count()
	with := func(partitions int) bool {
		shows, _ := m.shows(func(c Cell) bool {
			return c.Partitions == partitions && c.Strategy == m.baseStrategy() && !c.Restarts
		})
		return shows
	}
	if condition != "" {
		condition = ", and only " + condition
	}
	switch {
	case n == 1:
		return fmt.Sprintf("V2 has one partition, so it is not routing%s: the engine, or what V2 does with its rows.", condition)
	case with(1):
		return fmt.Sprintf("It also shows with one partition%s: the engine, or what V2 does with its rows, and not routing.", condition)
	case with(2):
		return fmt.Sprintf("It shows only with more than one partition%s: routing, the merge, or state that is not shared.", condition)
	default:
		return fmt.Sprintf("It shows only with %d partitions, not with 1 or 2%s: it depends on which keys share a partition.", n, condition)
	}
}

// cutCondition says how batches must be cut for the divergence to show; "" if any way does.
func (m *matrix) cutCondition(ctx context.Context) (string, error) {
	n := m.base.V2.Count()
	cut := func(every int) bool {
		shows, _ := m.shows(func(c Cell) bool {
			return c.Partitions == n && c.Batch == every && c.Strategy == m.baseStrategy() && !c.Restarts
		})
		return shows
	}
	single, whole := cut(1), cut(0)
	switch {
	case single && !whole:
		after, err := m.boundary(ctx, true)
		if err != nil || after == 0 {
			return "when a batch ends between the records", err
		}
		return fmt.Sprintf("when a batch ends between %s and %s", placeOf(&m.records[after-1]), placeOf(&m.records[after])), nil
	case whole && !single:
		after, err := m.boundary(ctx, false)
		if err != nil || after == 0 {
			return "when the records are in one batch", err
		}
		return fmt.Sprintf("when no batch ends between %s and %s", placeOf(&m.records[after-1]), placeOf(&m.records[after])), nil
	}
	return "", nil
}

// placeOf names a record: trades/0@17.
func placeOf(r *row.Record) string {
	return fmt.Sprintf("%s/%d@%d", r.Topic, r.Partition, r.Offset)
}
