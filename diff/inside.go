package diff

import (
	"regexp"
	"slices"
	"strconv"

	"parallax/processors/row"
)

// path leads from a column's value to a value inside it, a step each: ".name" or
// ["a name"] to a field of a STRUCT or the value of a MAP's key, [0] to an element of an
// ARRAY. It is empty for the column's value itself.
type path []string

// plainName is a name that a path has without quotes.
var plainName = regexp.MustCompile(`^[\pL_][\pL\pN_$-]*$`)

func nameStep(name string) string {
	if plainName.MatchString(name) {
		return "." + name
	}
	return string(append(row.AppendJSONString([]byte{'['}, name), ']'))
}

// isNested reports whether a value has values inside it.
func isNested(v row.Value) bool { return v.Kind().IsNested() && !isAbsent(v) && !isSpelled(v) }

// eachDifference visits the differences of two values: in two ARRAYs, MAPs or STRUCTs the
// elements, values and fields that differ, otherwise the two values. If only one side has
// an element or a key, the other one is Absent. It stops if visit returns false, and
// reports whether it reached the end. A visit must not keep the path.
func eachDifference(a, b row.Value, visit func(at path, a, b row.Value) bool) bool {
	return eachInside(nil, a, b, visit)
}

func eachInside(at path, a, b row.Value, visit func(path, row.Value, row.Value) bool) bool {
	if row.Equal(a, b) {
		return true
	}
	return eachChild(at, a, b, func(at path, x, y row.Value) bool { return eachInside(at, x, y, visit) }, visit)
}

// eachChild visits the elements, values or fields at the same place in two values that
// differ, until descend returns false. It visits the two values themselves, with leaf, if
// they are not nested or have no places in common.
func eachChild(at path, a, b row.Value, descend, leaf func(path, row.Value, row.Value) bool) bool {
	if !isNested(a) || a.Kind() != b.Kind() || !isNested(b) {
		return leaf(at, a, b)
	}
	v, w := a.Elements(), b.Elements()
	switch {
	case a.Kind() == row.Array:
		for i := range max(len(v), len(w)) {
			if !descend(append(at, "["+strconv.Itoa(i)+"]"), elementAt(v, i), elementAt(w, i)) {
				return false
			}
		}
		return true
	case a.Kind() == row.Struct:
		if !slices.Equal(a.Names(), b.Names()) {
			return leaf(at, a, b)
		}
		for i, name := range a.Names() {
			if !descend(append(at, nameStep(name)), v[i], w[i]) {
				return false
			}
		}
		return true
	}
	return eachKey(at, a, b, descend)
}

func elementAt(list []row.Value, i int) row.Value {
	if i < len(list) {
		return list[i]
	}
	return Absent
}

// eachKey is eachChild for two MAPs, whose keys are sorted.
func eachKey(at path, a, b row.Value, descend func(path, row.Value, row.Value) bool) bool {
	x, y := a.Names(), b.Names()
	v, w := a.Elements(), b.Elements()
	for len(x) > 0 || len(y) > 0 {
		one, two := Absent, Absent
		var name string
		inOne := len(y) == 0 || len(x) > 0 && x[0] <= y[0]
		inTwo := len(x) == 0 || len(y) > 0 && y[0] <= x[0]
		if inOne {
			name, one, x, v = x[0], v[0], x[1:], v[1:]
		}
		if inTwo {
			name, two, y, w = y[0], w[0], y[1:], w[1:]
		}
		if !descend(append(at, nameStep(name)), one, two) {
			return false
		}
	}
	return true
}
