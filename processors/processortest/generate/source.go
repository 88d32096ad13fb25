package generate

import (
	"fmt"
	"slices"
	"strings"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// source is a declared stream or table, or the output of a query.
type source struct {
	def     *sql.CreateSource
	topic   string
	columns []row.Column
	key     []int // the KEY columns; in a declared source they are first
	// keyFormat is the format of the records' keys, value of their values.
	keyFormat string
	value     valueKind
	// timestamp is the event time column, -1 for the record's own timestamp.
	timestamp int
	// read: a query reads it; records are made for such sources only.
	read bool
	// made: it is the output of a query, so it has no records.
	made bool
	// window is the window of its rows; nil if they have none.
	window *sql.Window
	// values are the values that each column's values are chosen from, so that they repeat.
	values [][]string
}

// valueKind is a kind of values that a source can have.
type valueKind struct {
	weight int
	with   []sql.Property
	// holds reports which types its columns can have.
	holds func(row.Type) bool
	// single: it has one column; named: its fields have names and can be in any order.
	single, named bool
}

// isKafka reports whether the value consists of the bytes of one column.
func (k *valueKind) isKafka() bool { return k.with[0].Value == "KAFKA" }

// isDelimited reports whether values are fields of text.
func (k *valueKind) isDelimited() bool { return k.with[0].Value == "DELIMITED" }

func property(name, value string) sql.Property {
	return sql.Property{Name: sql.Name{Text: name}, Value: value}
}

func isFlat(t row.Type) bool { return !t.Kind.IsNested() }

func isPrimitive(t row.Type) bool {
	return slices.Contains([]row.Kind{row.Int, row.Bigint, row.Double, row.String, row.Bytes}, t.Kind)
}

var valueKinds = []valueKind{
	{weight: 12, with: []sql.Property{property("VALUE_FORMAT", "JSON")}, holds: always, named: true},
	{weight: 2, with: []sql.Property{property("VALUE_FORMAT", "DELIMITED")}, holds: isFlat},
	{weight: 1, with: []sql.Property{property("VALUE_FORMAT", "DELIMITED"), property("VALUE_DELIMITER", "|")}, holds: isFlat},
	{weight: 1, with: []sql.Property{property("VALUE_FORMAT", "JSON"), property("WRAP_SINGLE_VALUE", "false")}, holds: always, single: true},
	{weight: 1, with: []sql.Property{property("VALUE_FORMAT", "KAFKA")}, holds: isPrimitive, single: true},
}

// source declares the i-th stream, or table, with random columns.
func (g *generator) source(i int, table bool) *source {
	s := &source{topic: string(rune('s' + i)), timestamp: -1, keyFormat: "KAFKA"}
	s.def = &sql.CreateSource{Name: sql.Name{Text: string(rune('S' + i))}, Table: table}
	s.with("KAFKA_TOPIC", s.topic)
	var kinds []valueKind
	for _, k := range valueKinds {
		kinds = append(kinds, slices.Repeat([]valueKind{k}, k.weight)...)
	}
	s.value = pick(g, kinds...)
	s.def.With = append(s.def.With, s.value.with...)
	g.keyColumns(s)
	if s.value.single {
		s.column(g, g.held(s, 2))
		return s
	}
	for _, t := range []row.Type{text, integer, g.numeric()} { // types with few values, for groups
		s.column(g, t)
	}
	for range 2 + g.IntN(5) {
		s.column(g, g.held(s, 2))
	}
	if g.one(3) {
		s.column(g, pick(g, timestamp, bigint))
		s.timestamp = len(s.columns) - 1
		s.with("TIMESTAMP", s.columns[s.timestamp].Name)
	}
	return s
}

// held returns a type that the source's values support, nested up to depth.
func (g *generator) held(s *source, depth int) row.Type {
	for {
		if t := g.any(depth); s.value.holds(t) {
			return t
		}
	}
}

// keyColumns declares the KEY columns: for a stream none, one or two; for a table mostly
// one, or two.
func (g *generator) keyColumns(s *source) {
	n := 1
	switch g.IntN(6) {
	case 0, 1, 2:
		if g.one(3) {
			s.with("KEY_FORMAT", "KAFKA")
		}
		s.keys(g, 1, text, text, integer, bigint)
		return
	case 3:
		s.keyFormat = "JSON"
		n += g.IntN(2)
		s.keys(g, n, g.scalar(), g.scalar())
	case 4:
		if s.keyFormat = pick(g, "DELIMITED", "STRING"); s.keyFormat == "DELIMITED" {
			n += g.IntN(2)
		}
		s.keys(g, n, text, integer, bigint)
	default:
		switch {
		case s.def.Table:
			s.keys(g, 1, text, integer)
			return
		case g.one(2):
			return
		}
		s.keyFormat = "NONE"
	}
	s.with("KEY_FORMAT", s.keyFormat)
}

// keys declares n KEY columns of some types.
func (s *source) keys(g *generator, n int, types ...row.Type) {
	for range n {
		s.key = append(s.key, len(s.columns))
		s.column(g, pick(g, types...))
		c := &s.def.Columns[len(s.columns)-1]
		c.Key, c.Primary = !s.def.Table, s.def.Table
		if s.keyFormat == "JSON" {
			continue
		}
		for j, value := range s.values[len(s.columns)-1] {
			s.values[len(s.columns)-1][j] = whole.Replace(value)
		}
	}
}

func (s *source) with(name, value string) {
	s.def.With = append(s.def.With, property(name, value))
}

// whole rewrites integers to the one form that keys as bytes and texts have.
var whole = strings.NewReplacer("5.0", "5", "1e3", "1000")

// column declares a column.
func (s *source) column(g *generator, t row.Type) {
	c := row.Column{Name: fmt.Sprintf("C%d", len(s.columns)), Type: t}
	s.columns = append(s.columns, c)
	s.def.Columns = append(s.def.Columns, sql.ColumnDef{Name: sql.Name{Text: c.Name}, Type: sql.TypeName{Type: t}})
	values := []string{"null"}
	for range 2 + g.IntN(4) {
		values = append(values, g.common(t))
	}
	s.values = append(s.values, values)
}

// common returns one of a few values of a type that all columns share, so that rows of
// joined sources match.
func (g *generator) common(t row.Type) string {
	list := g.pool[t.String()]
	if len(list) < 5 {
		list = append(list, g.json(t))
		g.pool[t.String()] = list
	}
	return pick(g, list...)
}
