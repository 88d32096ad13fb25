package journal

import (
	"encoding/binary"
	"fmt"
	"math"
)

// longestName is the largest length of the name of a topic or a group.
const longestName = math.MaxInt16

// appendText writes a text as the reader reads it.
func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// reader reads numbers and texts. After its first error it returns 0 and "".
type reader struct {
	left []byte
	all  int
	err  error
}

func (d *reader) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("at byte %d: %s", d.all-len(d.left), fmt.Sprintf(format, args...))
	}
	d.left = nil
}

// number reads a number from least to most.
func (d *reader) number(what string, least, most int64) int64 {
	if d.err != nil {
		return 0
	}
	n, size := binary.Uvarint(d.left)
	if size <= 0 || size > 1 && d.left[size-1] == 0 {
		d.fail("%s is not a number", what)
		return 0
	}
	if most < least || n < uint64(least) || n > uint64(most) {
		d.fail("%s is %d, and must be from %d to %d", what, n, least, most)
		return 0
	}
	d.left = d.left[size:]
	return int64(n)
}

// count reads how many elements follow, of at least so many bytes each.
func (d *reader) count(what string, bytes int) int64 {
	return d.number("the number of "+what, 0, int64(len(d.left)/bytes))
}

func (d *reader) text(what string) string {
	n := d.number("the length of the "+what, 0, int64(min(len(d.left), longestName)))
	if n > int64(len(d.left)) {
		d.fail("the %s is cut off", what)
	}
	if d.err != nil {
		return ""
	}
	text := string(d.left[:n])
	d.left = d.left[n:]
	return text
}
