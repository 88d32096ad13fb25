package tables

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"

	"parallax/diff/records"
)

// File is a file of output records, the JSON lines that `parallax sql` writes, of one
// topic. It implements Source; an offset is the number of a line.
type File struct {
	path, name string
	topic      atomic.Pointer[string]
	rows       atomic.Int64
}

// NewFile returns the file at path. name is for messages.
func NewFile(path, name string) *File { return &File{path: path, name: name} }

// Name is the file's name.
func (f *File) Name() string { return f.name }

// Topic is the topic of its lines, "" before the first one was read.
func (f *File) Topic() string {
	if topic := f.topic.Load(); topic != nil {
		return *topic
	}
	return ""
}

// Offsets is how many lines have a record; it is known once the file was read to its end.
func (f *File) Offsets() int64 { return f.rows.Load() }

// Read visits the lines.
func (f *File) Read(ctx context.Context, visit func(*Record) error) error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	var rows int64
	err = records.EachLine(ctx, in, f.name, func(l *records.RawLine) error {
		rows++
		if f.topic.Load() == nil {
			f.topic.Store(&l.Topic)
		}
		if own := f.Topic(); l.Topic != own {
			return fmt.Errorf("%s:%d: the line is of topic %s, and those before are of %s: a file that is compared by keys has one topic", f.name, l.Number, l.Topic, own)
		}
		r := Record{Partition: l.Partition, Offset: int64(l.Number), Timestamp: l.Timestamp, Key: l.Key, Value: l.Value}
		if l.HasWindow {
			r.Window = &Window{l.WindowStart, l.WindowEnd}
		}
		return visit(&r)
	})
	if err == nil {
		f.rows.Store(rows)
	}
	return err
}
