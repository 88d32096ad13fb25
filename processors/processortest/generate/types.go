package generate

import (
	"fmt"

	"parallax/processors/row"
)

var (
	boolean   = row.Of(row.Boolean)
	integer   = row.Of(row.Int)
	bigint    = row.Of(row.Bigint)
	double    = row.Of(row.Double)
	text      = row.Of(row.String)
	bytes     = row.Of(row.Bytes)
	timestamp = row.Of(row.Timestamp)
	date      = row.Of(row.Date)
	clock     = row.Of(row.Time)
)

func arrayOf(elem row.Type) row.Type { return row.Type{Kind: row.Array, Elem: &elem} }
func mapOf(elem row.Type) row.Type   { return row.Type{Kind: row.Map, Elem: &elem} }

// decimal is some DECIMAL.
func (g *generator) decimal() row.Type {
	scale := pick(g, 0, 1, 2, 2, 4, 9, 18, 30)
	return row.DecimalType(min(row.MaxPrecision, scale+pick(g, 1, 4, 6, 10, 29)), scale)
}

// numeric is some type of numbers.
func (g *generator) numeric() row.Type {
	if t, ok := g.typeAtHand(row.Type.IsNumeric); ok {
		return t
	}
	return pick(g, integer, integer, bigint, double, g.decimal())
}

// scalar returns a type without elements, often one of an existing leaf.
func (g *generator) scalar() row.Type {
	if t, ok := g.typeAtHand(func(t row.Type) bool { return !t.Kind.IsNested() }); ok {
		return t
	}
	return pick(g, g.numeric(), g.numeric(), g.numeric(), text, text, text, boolean, bytes, timestamp, date, clock)
}

// typeAtHand is, two times in three, the type of a leaf.
func (g *generator) typeAtHand(good func(row.Type) bool) (row.Type, bool) {
	if len(g.leaves) == 0 || g.one(3) {
		return row.Type{}, false
	}
	t := pick(g, g.leaves...).Type
	return t, good(t)
}

// any is some type, nested at most so deep.
func (g *generator) any(depth int) row.Type {
	if t, ok := g.typeAtHand(func(t row.Type) bool { return depthOf(t) <= depth }); ok {
		return t
	}
	if depth <= 0 || !g.one(4) {
		return g.scalar()
	}
	return g.nested(depth)
}

func (g *generator) nested(depth int) row.Type {
	switch g.IntN(3) {
	case 0:
		return arrayOf(g.any(depth - 1))
	case 1:
		return mapOf(g.any(depth - 1))
	}
	t := row.Of(row.Struct)
	for i := range 1 + g.IntN(3) {
		t.Fields = append(t.Fields, row.Column{Name: fmt.Sprintf("F%d", i+1), Type: g.any(depth - 1)})
	}
	return t
}

// depthOf is how deep a type is nested.
func depthOf(t row.Type) int {
	depth := 0
	if t.Elem != nil {
		depth = 1 + depthOf(*t.Elem)
	}
	for _, f := range t.Fields {
		depth = max(depth, 1+depthOf(f.Type))
	}
	return depth
}

// fits reports whether a value of one type can be used where another one is wanted. One
// DECIMAL represents all DECIMALs.
func fits(from, to row.Type) bool {
	switch {
	case from.Kind == to.Kind && from.Elem != nil:
		return fits(*from.Elem, *to.Elem)
	case from.Kind == row.Struct && to.Kind == row.Struct:
		if len(from.Fields) != len(to.Fields) {
			return false
		}
		for i, f := range from.Fields {
			if f.Name != to.Fields[i].Name || !fits(f.Type, to.Fields[i].Type) {
				return false
			}
		}
		return true
	case from.IsNumeric() && to.IsNumeric():
		return width(from) <= width(to)
	}
	return from.Kind == to.Kind
}

// width orders numeric types by conversion: each converts to the wider ones.
func width(t row.Type) int {
	switch t.Kind {
	case row.Int:
		return 0
	case row.Bigint:
		return 1
	case row.Decimal:
		return 2
	}
	return 3
}

// holds reports whether a type is of a kind or contains it.
func holds(t row.Type, kind row.Kind) bool {
	if t.Kind == kind || t.Elem != nil && holds(*t.Elem, kind) {
		return true
	}
	for _, f := range t.Fields {
		if holds(f.Type, kind) {
			return true
		}
	}
	return false
}
