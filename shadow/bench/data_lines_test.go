package bench

import (
	"io"
	"strings"
	"testing"
)

// letters is a file without a line's end.
type letters struct{}

func (letters) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func TestLinesOfValuesHaveALimit(t *testing.T) {
	in := io.MultiReader(strings.NewReader("one\n\r\n\ntwo\r\n"), io.LimitReader(letters{}, longestLine+1))
	_, err := readLines(in, 0)
	if err == nil || err.Error() != "line 5: the line is longer than 64 MiB" {
		t.Errorf("a line of %d bytes: %v", longestLine+1, err)
	}
	lines, err := readLines(strings.NewReader("one\n\r\n\ntwo\r\nthree"), 0)
	if err != nil || len(lines) != 3 || string(lines[1]) != "two" || string(lines[2]) != "three" {
		t.Errorf("%q, %v", lines, err)
	}
}
