package plan

import (
	"parallax/processors/row"
	"parallax/processors/sql"
)

// primary returns a table's primary key: its KEY columns and, if it is windowed, the bounds
// of its windows. bounds is the number of the latter.
func (sc *scope) primary(side int) (key []Expr, bounds int) {
	src := sc.from[side].src
	if src.Windowed {
		bounds = 2
	}
	for i := range src.Columns {
		if src.Key[i] {
			key = append(key, sc.column(side, i))
		}
	}
	return key, bounds
}

// tableOnly refuses clauses that a projection of a table cannot have.
func (b *builder) tableOnly(s *sql.CreateAs, sc *scope) error {
	sel, src := s.Select, sc.first()
	switch {
	case sel.Distinct:
		return b.errorf(sel.DistinctAt, "DISTINCT is for streams: %s is a table, which has each of its keys once", src.Name).
			WithHint("GROUP BY the columns")
	case sel.PartitionBy != nil:
		return b.errorf(sel.PartitionByAt, "PARTITION BY is for streams: the rows of a table are kept by its primary key, and %s is a table", src.Name)
	case len(sc.over.Calls) > 0:
		return b.errorf(s.At, "OVER is for streams: %s is a table, whose rows change", src.Name)
	}
	return nil
}

// tableProjection gives the rows of a projection of a table the table's key.
func (b *builder) tableProjection(q *Query, s *sql.CreateAs, sc *scope) error {
	src := sc.first()
	key, bounds := sc.primary(0)
	q.Retain = &Retain{Key: key}
	own := key[:len(key)-bounds]
	for _, e := range own {
		if err := b.addKey(q, e, e.(*Column).Name, s.At); err != nil {
			return err
		}
	}
	q.Sink.Table = true
	keepWindow(q.Sink, src)
	q.Split = splitOfTable(own, src)
	return nil
}

// keepWindow sets the windows of a sink to the windows of a source.
func keepWindow(sink *row.Sink, src *row.Source) {
	sink.Windowed, sink.Session, sink.Grace = src.Windowed, src.Session, src.Grace
}

// splitOfTable returns how V2 may split state that keeps a table's rows by their key.
func splitOfTable(key []Expr, src *row.Source) Split {
	if len(key) == 0 {
		return Split{Reason: src.Name + " has no key: all of it is one row"}
	}
	return Split{By: key, SourceKeyed: keyedBy(key, src), Reason: "the changes of one row of the table must be in one partition"}
}
