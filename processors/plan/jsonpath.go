package plan

import (
	"strconv"
	"strings"
)

// parsePath reads a path: $, then .name, [0], ["name"] or ['name'], as ksqlDB
// takes them. ok is false for anything else, wildcards among them.
func parsePath(path string) (steps []string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(path), "$")
	for ok && rest != "" {
		var step string
		switch rest[0] {
		case '.':
			n := strings.IndexAny(rest[1:], ".[")
			if n < 0 {
				n = len(rest) - 1
			}
			step, rest = rest[1:1+n], rest[1+n:]
		case '[':
			if step, rest, ok = bracketed(rest[1:]); !ok {
				return nil, false
			}
		default:
			return nil, false
		}
		if step == "" || step == "*" {
			return nil, false
		}
		steps = append(steps, step)
	}
	return steps, ok
}

// bracketed reads an index or a quoted name and the bracket behind it.
func bracketed(s string) (step, rest string, ok bool) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		end := strings.IndexByte(s[1:], s[0])
		if end < 0 {
			return "", "", false
		}
		rest, ok = strings.CutPrefix(s[end+2:], "]")
		return s[1 : 1+end], rest, ok
	}
	step, rest, ok = strings.Cut(s, "]")
	if _, err := strconv.ParseUint(step, 10, 31); err != nil {
		ok = false
	}
	return step, rest, ok
}

// follow goes along a path. Indexes count from 0; of a field that comes twice
// the last one is taken.
func follow(value string, steps []string) (string, bool) {
	for _, step := range steps {
		next, found := "", false
		switch jsonKind(value) {
		case '{':
			eachField(value, func(name, v string) {
				if jsonText(name) == step {
					next, found = v, true
				}
			})
		case '[':
			n, err := strconv.Atoi(step)
			if err != nil {
				return "", false
			}
			eachElement(value, func(v string) bool {
				if n == 0 {
					next, found = v, true
				}
				n--
				return n >= 0
			})
		}
		if !found {
			return "", false
		}
		value = next
	}
	return value, true
}
