package row

import "fmt"

// SinkTime is a sink's timestamp= column: a BIGINT, a TIMESTAMP, or a STRING that
// Read reads, to ms, as Pattern says.
type SinkTime struct {
	Column  int
	Pattern string // Java's
	Read    func(text string) (ms int64, ok bool)
}

// TimeOf returns the timestamp, in ms, of the record for a row. It returns an error if the
// row has no time in its timestamp= column and so cannot become a record.
func (s *Sink) TimeOf(c *Change) (int64, error) {
	if s.Time == nil || c.Deleted() {
		return c.Timestamp, nil
	}
	v, name := c.Values[s.Time.Column], s.Values[s.Time.Column].Name
	if v.IsNull() {
		return 0, fmt.Errorf("the row's timestamp column %s is NULL", name)
	}
	at := v.Int64()
	if s.Time.Read != nil {
		var ok bool
		if at, ok = s.Time.Read(v.Str()); !ok {
			return 0, fmt.Errorf("the row's timestamp column %s: %q does not match timestamp_format", name, Shorten(v.Str()))
		}
	}
	if err := CheckEventTime(at); err != nil {
		return 0, fmt.Errorf("the row's timestamp column %s %w", name, err)
	}
	return at, nil
}

// Records returns the rows that become records, with the records' timestamps, as a reader
// of the sink's topic sees them. If the sink has no timestamp= column, it returns the rows
// themselves.
func (s *Sink) Records(rows []Change) []Change {
	if s.Time == nil {
		return rows
	}
	records := make([]Change, 0, len(rows))
	for i := range rows {
		at, err := s.TimeOf(&rows[i])
		if err != nil {
			continue // a dead letter
		}
		records = append(records, rows[i])
		records[len(records)-1].Timestamp = at
	}
	return records
}
