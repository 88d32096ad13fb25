package diff

import (
	"slices"
	"strconv"
	"strings"

	"parallax/processors/row"
)

// ruledColumn decides whether rules tolerate all differences of two values of one column.
type ruledColumn struct {
	rules  []Tolerated
	column []columnRule
	// taken are the rules that tolerated a difference, by index, repeatedly if several times.
	taken []int
}

// tolerates reports whether rules tolerate every difference between two values at a path.
func (c *ruledColumn) tolerates(at path, x, y row.Value) bool {
	switch {
	case row.Equal(x, y):
		return true
	case x.Kind() == row.Array && y.Kind() == row.Array:
		for _, r := range c.column {
			if !r.inside.covers(at) {
				continue
			}
			if pairs, ok := c.rules[r.rule].Rule.pairs(x.Elements(), y.Elements()); ok {
				return c.toleratesPairs(at, x.Elements(), y.Elements(), pairs, r.rule)
			}
		}
	}
	return eachChild(at, x, y, c.tolerates, c.allows)
}

// toleratesPairs is tolerates for the elements of two ARRAYs that a rule has paired.
func (c *ruledColumn) toleratesPairs(at path, v, w []row.Value, pairs []elementPair, rule int) bool {
	moved := false
	before := len(c.taken)
	for _, p := range pairs {
		x, y, place := Absent, Absent, p.one
		if p.one >= 0 {
			x = v[p.one]
		}
		if p.two >= 0 {
			y = w[p.two]
		}
		if p.one < 0 {
			place = p.two
		}
		if !c.tolerates(append(at, "["+strconv.Itoa(place)+"]"), x, y) {
			c.taken = c.taken[:before]
			return c.allows(at, row.NewArray(v), row.NewArray(w))
		}
		moved = moved || p.one >= 0 && p.two >= 0 && p.one != p.two
	}
	if moved {
		c.taken = append(c.taken, rule)
	}
	return true
}

// allows reports whether a rule tolerates one difference.
func (c *ruledColumn) allows(at path, x, y row.Value) bool {
	for _, r := range c.column {
		if r.inside.covers(at) && c.rules[r.rule].Rule.allows(x, y) {
			c.taken = append(c.taken, r.rule)
			return true
		}
	}
	return false
}

// elementPair are the indexes of two elements that are compared with each other; -1 where
// a side has none.
type elementPair struct{ one, two int }

// pairs returns which elements of two ARRAYs the rule compares with each other. ok is false
// if the rule is of another kind, or the elements do not have what it pairs them by.
func (r *Rule) pairs(v, w []row.Value) (pairs []elementPair, ok bool) {
	switch {
	case r.Bag:
		return pairAsBags(v, w), true
	case r.PairBy != "":
		return pairByFields(r.pairFields(), v, w)
	}
	return nil, false
}

// pairFields are the names of the fields in PairBy.
func (r *Rule) pairFields() []string {
	names := strings.Split(r.PairBy, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// pairAsBags pairs equal elements, and the others in the order of their values: numbers
// that differ a little are then compared with each other.
func pairAsBags(v, w []row.Value) (pairs []elementPair) {
	one, two := sortedIndexes(v), sortedIndexes(w)
	var alone [2][]int
	for len(one) > 0 || len(two) > 0 {
		order := 0
		switch {
		case len(one) == 0:
			order = 1
		case len(two) == 0:
			order = -1
		default:
			order = row.Compare(v[one[0]], w[two[0]])
			if order == 0 && !row.Equal(v[one[0]], w[two[0]]) {
				alone[V1], alone[V2] = append(alone[V1], one[0]), append(alone[V2], two[0])
				one, two = one[1:], two[1:]
				continue
			}
		}
		switch {
		case order < 0:
			alone[V1], one = append(alone[V1], one[0]), one[1:]
		case order > 0:
			alone[V2], two = append(alone[V2], two[0]), two[1:]
		default:
			pairs = append(pairs, elementPair{one[0], two[0]})
			one, two = one[1:], two[1:]
		}
	}
	for i := range max(len(alone[V1]), len(alone[V2])) {
		pairs = append(pairs, elementPair{indexAt(alone[V1], i), indexAt(alone[V2], i)})
	}
	return pairs
}

func indexAt(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return -1
}

// sortedIndexes returns the indexes of values in the order of the values.
func sortedIndexes(values []row.Value) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return row.Compare(values[i], values[j]) })
	return order
}

// pairByFields pairs elements by the values of fields. ok is false if an element lacks one
// of the fields, or two elements of one side have the same values.
func pairByFields(names []string, v, w []row.Value) (pairs []elementPair, ok bool) {
	one, ok := indexByFields(names, v)
	if !ok {
		return nil, false
	}
	two, ok := indexByFields(names, w)
	if !ok {
		return nil, false
	}
	for i, e := range v {
		key, _ := fieldKey(names, e)
		j, found := two[key]
		if !found {
			j = -1
		}
		pairs = append(pairs, elementPair{i, j})
	}
	for j, e := range w {
		key, _ := fieldKey(names, e)
		if _, found := one[key]; !found {
			pairs = append(pairs, elementPair{-1, j})
		}
	}
	return pairs, true
}

func indexByFields(names []string, elements []row.Value) (map[string]int, bool) {
	index := make(map[string]int, len(elements))
	for i, e := range elements {
		key, ok := fieldKey(names, e)
		if _, known := index[key]; known || !ok {
			return nil, false
		}
		index[key] = i
	}
	return index, true
}

// fieldKey encodes the values of an element's fields; ok is false if it lacks one of them.
// Numbers of JSON are equal if they are the same number.
func fieldKey(names []string, element row.Value) (key string, ok bool) {
	if element.Kind() != row.Struct && element.Kind() != row.Map || !isNested(element) {
		return "", false
	}
	var values []row.Value
	for _, name := range names {
		i := slices.Index(element.Names(), name)
		if i < 0 {
			return "", false
		}
		v := element.Elements()[i]
		if n, isNumber := number(v); isNumber {
			v = row.NewString(n.RatString())
		}
		values = append(values, v)
	}
	return string(row.AppendKey(nil, values...)), true
}
