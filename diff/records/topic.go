package records

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"parallax/diff"
	"parallax/processors/row"
)

// topic is one output topic of both files. Columns are matched by name.
type topic struct {
	name string
	// columns are the value columns of either file, in order of first appearance.
	columns []string
	places  map[string]int // of a value column in columns
	sides   [2]topicSide
	// values are how many rows have a value, and fields how many columns they have.
	values, fields int
}

// Every row takes memory for each column of its topic. If rows have few of the topic's
// columns, that grows with the square of the file size. So the number of absent columns in
// all rows of a topic is limited: to a share of those that are present, plus a constant for
// small files.
const (
	mostAbsent      = 1 << 20
	absentToPresent = 8
)

// topicSide describes one file's rows of a topic.
type topicSide struct {
	rows  int
	shape shape
	line  int // the row that set the shape
	// key are the key columns, and keyLine the first line that has them; none if all keys
	// are null.
	key     []string
	keyLine int
	// order[i] is the new index of key column i; nil: unchanged.
	order []int
}

// shape are the fields of a line that are part of its row.
type shape struct{ key, window, timestamp bool }

func newTopic(name string) *topic { return &topic{name: name, places: map[string]int{}} }

// checkShape refuses a row that has, or lacks, a field that the file's other rows of the
// topic lack, or have, because window and timestamp have no value for absent.
func (t *topic) checkShape(side diff.Side, n int, l *line) error {
	s := &t.sides[side]
	has := shape{l.hasKey, l.window != nil, l.timestamp != nil}
	if s.rows++; s.rows == 1 {
		s.shape, s.line = has, n
	}
	for _, f := range []struct {
		name       string
		has, first bool
	}{{"key", has.key, s.shape.key}, {"window", has.window, s.shape.window}, {"timestamp", has.timestamp, s.shape.timestamp}} {
		switch {
		case f.has && !f.first:
			return fmt.Errorf("it has a %s, and line %d of the same topic has none", f.name, s.line)
		case !f.has && f.first:
			return fmt.Errorf("it has no %s, and line %d of the same topic has one", f.name, s.line)
		}
	}
	return nil
}

// arrangeKey puts a key into the order of the file's first key of the topic.
func (t *topic) arrangeKey(side diff.Side, n int, key *columns) ([]row.Value, error) {
	s := &t.sides[side]
	switch {
	case key == nil:
		return nil, nil
	case s.key == nil:
		s.key, s.keyLine = key.names, n
		return key.values, nil
	case slices.Equal(key.names, s.key):
		return key.values, nil
	}
	if len(key.names) == len(s.key) {
		values := make([]row.Value, 0, len(s.key))
		for _, name := range s.key {
			if i := slices.Index(key.names, name); i >= 0 {
				values = append(values, key.values[i])
			}
		}
		if len(values) == len(s.key) {
			return values, nil
		}
	}
	return nil, fmt.Errorf("its columns are %s, and those of line %d of the same topic %s", strings.Join(key.names, ", "), s.keyLine, strings.Join(s.key, ", "))
}

// arrangeValue puts values into the order of the topic's columns.
func (t *topic) arrangeValue(value *columns) ([]row.Value, error) {
	out := make([]row.Value, 0, max(len(t.columns), len(value.names)))
	for i, name := range value.names {
		at, ok := t.places[name]
		if !ok {
			at = len(t.columns)
			t.places[name] = at
			t.columns = append(t.columns, name)
		}
		for len(out) <= at {
			out = append(out, diff.Absent)
		}
		out[at] = value.values[i]
	}
	t.values++
	t.fields += len(value.names)
	if t.values*len(t.columns)-t.fields > mostAbsent+absentToPresent*t.fields {
		return nil, fmt.Errorf("the rows of topic %s have %d distinct columns by now, and most rows lack most of them: that would take too much memory; give rows that have other columns another topic",
			row.Shorten(t.name), len(t.columns))
	}
	return out, nil
}

// align settles where the right file's key columns go, and returns the topic's sink.
func (t *topic) align() *row.Sink {
	left, right := t.sides[diff.V1].key, &t.sides[diff.V2]
	if left != nil && right.key != nil {
		right.order = matchByName(left, right.key)
	}
	s := &row.Sink{Topic: t.name, Grace: math.MaxInt64 / 4, AnyPartition: true, Windowed: t.sides[diff.V1].shape.window || t.sides[diff.V2].shape.window}
	key := left
	if len(right.key) > len(key) {
		key = make([]string, len(right.key))
		for i, name := range right.key {
			at := i
			if right.order != nil {
				at = right.order[i]
			}
			key[at] = name
		}
	}
	for _, name := range key {
		s.Key = append(s.Key, row.Column{Name: name})
	}
	for _, name := range t.columns {
		s.Values = append(s.Values, row.Column{Name: name})
	}
	return s
}

// matchByName returns the index in want for each name. Names that are not in want get the
// remaining indexes, in order, so that a renamed column is compared with its old name.
func matchByName(want, names []string) []int {
	order := make([]int, len(names))
	taken := map[int]bool{}
	for i, name := range names {
		if order[i] = slices.Index(want, name); order[i] >= 0 {
			taken[order[i]] = true
		}
	}
	next := 0
	for i := range order {
		if order[i] >= 0 {
			continue
		}
		for taken[next] {
			next++
		}
		order[i] = next
		next++
	}
	return order
}

// alignKey reorders the columns of a file's key as align decided. If a topic has key
// columns, all of them are absent in a null key.
func (t *topic) alignKey(side diff.Side, key []row.Value) []row.Value {
	width := max(len(t.sides[diff.V1].key), len(t.sides[diff.V2].key))
	order := t.sides[side].order
	if width == 0 || len(key) == width && order == nil {
		return key
	}
	out := make([]row.Value, width)
	for i := range out {
		out[i] = diff.Absent
	}
	for i, v := range key {
		if order == nil {
			out[i] = v
		} else {
			out[order[i]] = v
		}
	}
	return out
}

// shapeDifferences returns the fields and key columns that one file's rows of the topic
// have and the other's lack.
func (t *topic) shapeDifferences() (out []diff.ColumnDiff) {
	one, two := &t.sides[diff.V1], &t.sides[diff.V2]
	if one.rows == 0 || two.rows == 0 {
		return nil
	}
	add := func(name string, left, right bool) {
		if left != right {
			out = append(out, diff.ColumnDiff{Name: name, V1: presence(left), V2: presence(right)})
		}
	}
	add("key", one.shape.key, two.shape.key)
	add("window", one.shape.window, two.shape.window)
	add("timestamp", one.shape.timestamp, two.shape.timestamp)
	if one.key == nil || two.key == nil {
		return out
	}
	names := slices.Concat(one.key, two.key)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		add("key "+name, slices.Contains(one.key, name), slices.Contains(two.key, name))
	}
	return out
}

func presence(present bool) string {
	if present {
		return "present"
	}
	return "absent"
}
