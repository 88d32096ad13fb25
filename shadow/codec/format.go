package codec

import (
	"context"
	"errors"
	"fmt"

	"parallax/processors/row"
)

// format reads and writes keys and values: it creates a reader for a source's keys or
// values, and a writer for a sink's. A nil constructor means that the format cannot do
// that. A constructor may contact another system, such as a schema registry; ctx ends that.
type format struct {
	value, key             func(context.Context, *row.Source) (reader, error)
	writesValue, writesKey func(context.Context, *row.Sink) (writer, error)
}

// reads returns the constructor of a reader that needs nothing but its source.
func reads(newReader func(*row.Source) reader) func(context.Context, *row.Source) (reader, error) {
	return func(_ context.Context, src *row.Source) (reader, error) { return newReader(src), nil }
}

// writes returns the constructor of a writer that needs nothing but its sink.
func writes(newWriter func(*row.Sink) writer) func(context.Context, *row.Sink) (writer, error) {
	return func(_ context.Context, sink *row.Sink) (writer, error) { return newWriter(sink), nil }
}

var formats = map[row.Format]format{
	row.FormatJSON:      jsonFormat,
	row.FormatDelimited: delimitedFormat,
	row.FormatKafka:     kafkaFormat,
	row.FormatString:    stringFormat,
	row.FormatNone:      {key: reads(newNoKey)},
}

// newReader returns a source's reader for its value or its key.
func newReader(ctx context.Context, src *row.Source, f row.Format, what string) (reader, error) {
	construct := formats[f].value
	if what == "key" {
		construct = formats[f].key
	}
	if construct == nil {
		return nil, fmt.Errorf("source %s: the format %s cannot be read as a %s", src.Name, f, what)
	}
	r, err := construct(ctx, src)
	if err != nil {
		return nil, fmt.Errorf("source %s: %s of format %s: %w", src.Name, what, f, err)
	}
	return r, nil
}

// newWriter returns a sink's writer for its value or its key.
func newWriter(ctx context.Context, sink *row.Sink, f row.Format, what string) (writer, error) {
	construct := formats[f].writesValue
	if what == "key" {
		construct = formats[f].writesKey
	}
	if construct == nil {
		return nil, fmt.Errorf("sink %s: the format %s cannot be written as a %s", sink.Name, f, what)
	}
	w, err := construct(ctx, sink)
	if err != nil {
		return nil, fmt.Errorf("sink %s: %s of format %s: %w", sink.Name, what, f, err)
	}
	return w, nil
}

// reader appends the needed columns of a key or value to their columns of t, each once.
// After an error some of them may have been appended.
//
// An error means that the record is bad: it is undecodable and becomes a dead letter. There
// is one exception. An error that wraps errUnavailable, or any error after ctx has ended,
// says nothing about the record: the reader could not reach a system that it needs, such as
// a schema registry. The same bytes are read again later.
//
// A reader must return when ctx ends.
type reader interface {
	read(ctx context.Context, b []byte, t *row.Table) error
}

// errUnavailable is wrapped by the error of a reader that cannot reach a system that it
// needs.
var errUnavailable = errors.New("the decoder cannot reach a system that it needs")

// isUnavailable reports whether a reader's error says nothing about the record.
func isUnavailable(ctx context.Context, err error) bool {
	return errors.Is(err, errUnavailable) || ctx.Err() != nil
}

// writer appends a key or value in two steps, so that the encoding of the first columns can
// be cached.
type writer interface {
	// columns appends the columns from number first on.
	columns(dst []byte, first int, values []row.Value) []byte
	// end ends a key or value that began at from.
	end(dst []byte, from int) []byte
}

// keyColumns are a source's KEY columns, valueColumns the columns of its value.
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
