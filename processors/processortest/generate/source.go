package generate

import (
	"fmt"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// source is a declared stream.
type source struct {
	def     *sql.CreateSource
	topic   string
	columns []row.Column
	keys    int // the first so many columns are KEY columns
	format  string
	// timestamp is the column of event time, -1 where it is the record's own.
	timestamp int
	// read says that a query reads it: others are no part of the input.
	read bool
	// values are what each column's values are picked from, so that they come again.
	values [][]string
}

// source declares a stream with random columns.
func (g *generator) source(i int) *source {
	s := &source{topic: string(rune('s' + i)), timestamp: -1, format: "KAFKA"}
	s.def = &sql.CreateSource{Name: sql.Name{Text: string(rune('S' + i))}}
	s.with("KAFKA_TOPIC", s.topic)
	s.with("VALUE_FORMAT", "JSON")
	g.keyColumns(s)
	for _, t := range []row.Type{text, integer, g.numeric()} { // what small data groups well by
		s.column(g, t)
	}
	for range 2 + g.IntN(5) {
		s.column(g, g.any(2))
	}
	if g.one(3) {
		s.column(g, pick(g, timestamp, bigint))
		s.timestamp = len(s.columns) - 1
		s.with("TIMESTAMP", s.columns[s.timestamp].Name)
	}
	return s
}

// keyColumns declares none, one or two KEY columns.
func (g *generator) keyColumns(s *source) {
	switch g.IntN(5) {
	case 0, 1:
		s.keys = 1
		s.column(g, pick(g, text, text, integer, bigint))
		if g.one(3) {
			s.with("KEY_FORMAT", "KAFKA")
		}
	case 2:
		s.format = "JSON"
		s.with("KEY_FORMAT", "JSON")
		s.keys = 1 + g.IntN(2)
		for range s.keys {
			s.column(g, g.scalar())
		}
	case 3:
		if g.one(2) {
			s.format = "NONE"
			s.with("KEY_FORMAT", "NONE")
		}
	}
	for i := range s.keys {
		s.def.Columns[i].Key = true
	}
}

func (s *source) with(name, value string) {
	s.def.With = append(s.def.With, sql.Property{Name: sql.Name{Text: name}, Value: value})
}

// column declares one more.
func (s *source) column(g *generator, t row.Type) {
	c := row.Column{Name: fmt.Sprintf("C%d", len(s.columns)), Type: t}
	s.columns = append(s.columns, c)
	s.def.Columns = append(s.def.Columns, sql.ColumnDef{Name: sql.Name{Text: c.Name}, Type: sql.TypeName{Type: t}})
	values := []string{"null"}
	for range 2 + g.IntN(4) {
		values = append(values, g.json(t))
	}
	s.values = append(s.values, values)
}
