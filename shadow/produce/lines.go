package produce

import (
	"bufio"
	"io"

	"parallax/shadow/codec"
)

// WriteLines writes a stream's records, a JSON line each.
func WriteLines(out io.Writer, s Source) error {
	w := bufio.NewWriterSize(out, 1<<20)
	var line []byte
	for rec, ok := s.Next(); ok; rec, ok = s.Next() {
		line = append(codec.AppendRecord(line[:0], &rec, nil), '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return w.Flush()
}
