package tables_test

import (
	"fmt"
	"strings"
	"testing"

	"parallax/diff/tables"
)

// many makes records of lines that differ in a number.
func many(topic string, n int, line func(i int) string) *memory {
	var lines []string
	for i := range n {
		lines = append(lines, line(i))
	}
	return side(topic, lines...)
}

// TestColumnsThatOnlyHaveTheNameOfAKeyAreCompared: only a column that repeats the key or the
// window in its own row is left out.
func TestColumnsThatOnlyHaveTheNameOfAKeyAreCompared(t *testing.T) {
	windowed := func(start, column int) string {
		return fmt.Sprintf("A%s\t{\"ws\":%d,\"n\":1}", big(int64(1_700_000_040_000+start)), 1_700_000_040_000+column)
	}
	for _, c := range []struct {
		name        string
		left, right *memory
		opt         tables.Options
		isSame      bool
	}{
		{"a field of a JSON key", side("l", `{"S":"a"}`+"\t"+`{"S":"x","N":1}`), side("r", `{"S":"a"}`+"\t"+`{"S":"y","N":1}`), tables.Options{Key: []string{"s"}}, false},
		{"a field of a JSON key, without --key", side("l", `{"S":"a"}`+"\t"+`{"S":"x","N":1}`), side("r", `{"S":"a"}`+"\t"+`{"S":"y","N":1}`), tables.Options{}, false},
		{"a field of a JSON key that the value repeats", side("l", `{"S":"a"}`+"\t"+`{"S":"a","N":1}`), side("r", "a\t"+`{"N":1}`), tables.Options{Key: []string{"s"}}, true},
		{
			"a conflict after the first records",
			many("l", 200, func(i int) string { return fmt.Sprintf("k%d\t{\"sym\":\"k%d\",\"n\":1}", i, i) }),
			many("r", 200, func(i int) string {
				if i == 150 {
					return "k150\t{\"sym\":\"other\",\"n\":1}"
				}
				return fmt.Sprintf("k%d\t{\"sym\":\"k%d\",\"n\":1}", i, i)
			}),
			tables.Options{Key: []string{"sym"}},
			false,
		},
		{
			"a column that is called key",
			many("l", 200, func(i int) string { return fmt.Sprintf("k%d\t{\"key\":\"%d\",\"n\":%d}", i, i%2, i) }),
			many("r", 200, func(i int) string { return fmt.Sprintf("k%d\t{\"key\":\"%d\",\"n\":%d}", i, i%2, max(i, 51)) }),
			tables.Options{},
			false,
		},
		{"a column of the window, of keys with windows", side("l", windowed(0, 0)), side("r", windowed(0, 7)), tables.Options{Key: []string{"s"}, WindowStart: "ws"}, false},
		{"a column that repeats the window of the key", side("l", windowed(0, 0)), side("r", windowed(0, 0)), tables.Options{Key: []string{"s"}, WindowStart: "ws"}, true},
		{
			"a column that one side has only in later rows, under overlap",
			many("l", 300, func(i int) string { return fmt.Sprintf("k%d\t{\"n\":1,\"m\":1}", i) }),
			many("r", 300, func(i int) string {
				if i < 200 {
					return fmt.Sprintf("k%d\t{\"n\":1}", i)
				}
				return fmt.Sprintf("k%d\t{\"n\":1,\"m\":2}", i)
			}),
			tables.Options{Overlap: true},
			false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := compare(t, c.left, c.right, c.opt)
			if isSame := r.Differing+r.Alone[0]+r.Alone[1] == 0; isSame != c.isSame || r.Identities[0] == 0 {
				t.Errorf("same: %v, want %v; %+v", isSame, c.isSame, r)
			}
		})
	}
}

func TestOptionsThatNameNoColumnAreRefused(t *testing.T) {
	rows := func(topic string) *memory { return side(topic, "k\t{\"a\":1,\"ws\":0}") }
	for want, opt := range map[string]tables.Options{
		"--window-start: neither side has the column wss":     {WindowStart: "wss"},
		"--window-end: neither side has the column we":        {WindowStart: "ws", WindowEnd: "we"},
		"--rename: no row of the right side has the column b": {Rename: map[string]string{"b": "a"}},
	} {
		opt.Memory = 1 << 20
		if _, err := tables.Compare(t.Context(), rows("l"), rows("r"), opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	_, err := tables.Compare(t.Context(), side("l", "k\t{\"a\":1}"), side("r", "k\t{\"b\":1}"), tables.Options{Overlap: true, Memory: 1 << 20})
	if err == nil || !strings.Contains(err.Error(), "nothing would be compared") {
		t.Errorf("%v", err)
	}
}

func TestASideWhoseRowsAreAllDeletedDiffers(t *testing.T) {
	r := compare(t, side("l", "a\t{\"n\":1}", "b\t{\"n\":1}"), side("r", "a\t{\"n\":1}", "a\t-", "b\t-"), tables.Options{})
	if !r.Pairs() || r.Alone[0] != 2 {
		t.Errorf("share %v, %+v", r.Share(), r)
	}
}
