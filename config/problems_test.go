package config

import (
	"fmt"
	"strings"
	"testing"
)

// Of many unknown keys the first ones are listed and the others counted.
func TestManyUnknownKeysAreRefusedAtOnce(t *testing.T) {
	const keys = 200_000
	var top, inList, nested strings.Builder
	inList.WriteString("job: j\ndiff:\n  rules:\n    - ")
	for i := range keys {
		fmt.Fprintf(&top, "unknown_key_number_%d: 1\n", i)
		if i > 0 {
			inList.WriteString("      ")
		}
		fmt.Fprintf(&inList, "unknown_key_number_%d: 1\n", i)
	}
	for i := range 2_000 {
		fmt.Fprintf(&nested, "%sk:\n", strings.Repeat(" ", i))
	}
	for name, c := range map[string]struct {
		text, want string
		lines      int
	}{
		"at the top":  {top.String(), "and 199980 more; correct these first", namedMost + 1},
		"in a list":   {inList.String(), "and 199980 more; correct these first", namedMost + 1},
		"long":        {strings.Repeat("k", 1000) + ": 1\n", "kkk..., of 1000 bytes", 1},
		"deep":        {nested.String(), "nested more than 20 levels deep", 1},
		"a few":       {"kafak: {}\n", "job.yaml:1:1: unknown key kafak; did you mean kafka?", 1},
		"many values": {"diff:\n  rules:\n" + strings.Repeat("    - 1\n", keys), "and 199980 more", namedMost + 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("job.yaml", []byte(c.text), nil)
			if err == nil {
				t.Fatal("the file was accepted")
			}
			if lines := strings.Split(err.Error(), "\n"); len(lines) != c.lines || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d lines of error, want %d with %q; the last is %s", len(lines), c.lines, c.want, lines[len(lines)-1])
			}
		})
	}
}
