package diff

import "parallax/processors/row"

// Absent represents a column that a row lacks, when rows with different columns are
// compared. It is neither NULL nor a value of a query: no field of a STRUCT has its name.
var Absent = row.NewStruct([]string{absentField}, []row.Value{{}})

const absentField = "\x00absent"

func isAbsent(v row.Value) bool {
	return v.Kind() == row.Struct && len(v.Names()) == 1 && v.Names()[0] == absentField
}

// lackColumns reports whether one of two rows lacks a column that the other has.
func lackColumns(one, two *row.Change) bool {
	for i := range min(len(one.Values), len(two.Values)) {
		if isAbsent(one.Values[i]) != isAbsent(two.Values[i]) {
			return true
		}
	}
	return false
}

// SchemaDiffers records that all rows of a query's output differ in the given columns: no
// level holds for it.
func (d *Differ) SchemaDiffers(query int, columns []ColumnDiff) {
	topic := d.sinks[query].Topic
	d.found.add(divergence{class: Schema, root: true, topic: topic, shape: "all rows", example: Example{Topic: topic, Columns: columns}})
	d.found.show(d.example)
	for l := range d.queries[query].broken {
		d.queries[query].breaks(Level(l))
	}
}
