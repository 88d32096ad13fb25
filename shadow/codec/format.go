package codec

import "parallax/processors/row"

// format is how keys and values are read and written. What it lacks it is not
// for: the planner has refused it.
type format struct {
	value, key             func(*row.Source) reader
	writesValue, writesKey func(*row.Sink) writer
}

var formats = map[row.Format]format{
	row.FormatJSON:      jsonFormat,
	row.FormatDelimited: delimitedFormat,
	row.FormatKafka:     kafkaFormat,
	row.FormatString:    stringFormat,
	row.FormatNone:      {key: newNoKey},
}

// reader appends the needed columns that the bytes of a key or value hold to
// their columns of t, each once. After an error some may have been appended.
type reader interface {
	read(b []byte, t *row.Table) error
}

// writer appends what a key or value is made of, in two steps, so that the first
// columns can be kept.
type writer interface {
	// columns appends the columns from number first on.
	columns(dst []byte, first int, values []row.Value) []byte
	// end ends a key or value that began at from.
	end(dst []byte, from int) []byte
}

// keyColumns are a source's KEY columns, valueColumns those of its value.
func keyColumns(src *row.Source) (list []int) {
	for i, is := range src.Key {
		if is {
			list = append(list, i)
		}
	}
	return list
}

func valueColumns(src *row.Source) (list []int) {
	for i := range src.Columns {
		if src.InValue(i) {
			list = append(list, i)
		}
	}
	return list
}
