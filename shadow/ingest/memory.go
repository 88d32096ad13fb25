package ingest

import (
	"sync"

	"parallax/processors/row"
)

// Memory keeps the memory of batches and chunks that are no longer used, for the next
// ones. It is safe for concurrent use.
type Memory struct {
	sources []*row.Source

	mu      sync.Mutex
	records [][]row.Record
	tables  [][]*row.Table // by source
}

// mostSpare is how many record slices, and tables of each source, are kept: those
// of a few transactions.
const mostSpare = 64

func newMemory(sources []*row.Source) *Memory {
	return &Memory{sources: sources, tables: make([][]*row.Table, len(sources))}
}

// Records returns an empty slice with room for n, or, where it was used before,
// for as many as it had.
func (m *Memory) Records(n int) []row.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	if last := len(m.records) - 1; last >= 0 {
		r := m.records[last]
		m.records = m.records[:last]
		return r
	}
	return make([]row.Record, 0, n)
}

// Table returns an empty table of a source.
func (m *Memory) Table(source, capacity int) *row.Table {
	m.mu.Lock()
	defer m.mu.Unlock()
	if last := len(m.tables[source]) - 1; last >= 0 {
		t := m.tables[source][last]
		m.tables[source] = m.tables[source][:last]
		return t
	}
	return row.NewTable(m.sources[source], capacity)
}

// give takes records and tables, by source, back.
func (m *Memory) give(records []row.Record, tables []*row.Table) {
	clear(records) // which hold on to what was fetched
	m.mu.Lock()
	defer m.mu.Unlock()
	if cap(records) > 0 && len(m.records) < mostSpare {
		m.records = append(m.records, records[:0])
	}
	for source, t := range tables {
		if t != nil && len(m.tables[source]) < mostSpare {
			t.Reset()
			m.tables[source] = append(m.tables[source], t)
		}
	}
}

// giveChunk takes a chunk back, whose records are of one source.
func (m *Memory) giveChunk(c *Chunk) {
	if len(c.Records) == 0 || c.Table == nil {
		return
	}
	tables := make([]*row.Table, len(m.sources))
	tables[c.Records[0].Source] = c.Table
	m.give(c.Records, tables)
}
