package ingest

import "parallax/processors/row"

// assembler collects records, in input order, into batches.
type assembler struct {
	sources  []*row.Source
	memory   *Memory
	seq      int64
	position int64
	records  []row.Record
	tables   []*row.Table
	bytes    int64 // of records
}

// full reports whether the open batch has as much as it may have.
func (a *assembler) full(limit Limit) bool { return limit.IsReached(len(a.records), a.bytes) }

// add appends a record, which has so many bytes, to the open batch.
func (a *assembler) add(r row.Record, bytes int64) {
	a.records = append(a.records, r)
	a.bytes += bytes
}

func newAssembler(sources []*row.Source) assembler {
	return assembler{sources: sources, memory: newMemory(sources), tables: make([]*row.Table, len(sources))}
}

// table returns the open batch's table of a source.
func (a *assembler) table(source int, capacity int) *row.Table {
	if a.tables[source] == nil {
		a.tables[source] = a.memory.Table(source, capacity)
	}
	return a.tables[source]
}

// cut closes the open batch; nil if it has no record.
func (a *assembler) cut() *row.Batch {
	if len(a.records) == 0 {
		return nil
	}
	b := row.NewBatch(a.seq, a.position, a.records, a.tables)
	b.OnRelease(a.memory.give)
	a.seq++
	a.bytes = 0
	a.position += int64(len(a.records))
	a.records, a.tables = a.memory.Records(len(a.records)), make([]*row.Table, len(a.sources))
	return b
}

// flush makes the flush batch, after the last cut.
func (a *assembler) flush() *row.Batch {
	b := row.NewFlush(a.seq, a.position, len(a.sources))
	a.seq++
	return b
}
