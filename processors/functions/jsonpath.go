package functions

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
	from, to, _ := followAt(value, 0, steps)
	return value[max(0, from):max(0, to)], from >= 0
}

// followAt follows a path from the value that begins at i of a text. It returns where what is at the end of the path
// is, from -1 where nothing is, and where the value ends. It reads each part of the value once,
// however deep the path goes.
func followAt(s string, i int, steps []string) (from, to, end int) {
	if len(steps) == 0 {
		end = skipValue(s, i)
		return i, end, end
	}
	from, to = -1, -1
	// next reads a member's value, along the rest of the path where it is the one, and
	// goes on to the next member.
	next := func(chosen bool) {
		if chosen {
			from, to, i = followAt(s, i, steps[1:])
		} else {
			i = skipValue(s, i)
		}
		if i = skipSpace(s, i); s[i] == ',' {
			i = skipSpace(s, i+1)
		}
	}
	index, err := strconv.Atoi(steps[0])
	switch kind := jsonKind(s[i:]); {
	case kind == '{':
		for i = skipSpace(s, i+1); s[i] != '}'; {
			name := s[i:skipString(s, i)]
			i = skipSpace(s, skipSpace(s, i+len(name))+1) // past the colon
			next(jsonText(name) == steps[0])
		}
		return from, to, i + 1
	case kind == '[' && err == nil:
		for i = skipSpace(s, i+1); s[i] != ']'; index-- {
			next(index == 0)
		}
		return from, to, i + 1
	}
	return -1, -1, skipValue(s, i)
}
