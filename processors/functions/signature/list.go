package signature

import (
	"fmt"
	"slices"
	"strings"
)

// List is the forms of a function's calls, in the order in which they are tried.
type List []signature

// Parse parses the signatures of a function; compares says how it compares its arguments.
func Parse(texts []string, compares Comparing) List {
	list := make(List, len(texts))
	for i, text := range texts {
		list[i] = parseSignature(text)
		list[i].compares = compares
	}
	return list
}

// Takes reports whether a call may have n arguments.
func (l List) Takes(n int) bool {
	return slices.ContainsFunc(l, func(s signature) bool { return s.takes(n) })
}

// Arity describes the number of arguments of a call.
func (l List) Arity() string {
	least, most := len(l[0].params), 0
	for _, s := range l {
		least, most = min(least, s.required), max(most, len(s.params))
		if s.repeats {
			return fmt.Sprintf("%d or more arguments", least)
		}
	}
	return CountArguments(least, most)
}

// CountArguments describes a number of arguments from least to most.
func CountArguments(least, most int) string {
	switch {
	case most == 0:
		return "no arguments"
	case least == most && least == 1:
		return "1 argument"
	case least == most:
		return fmt.Sprintf("%d arguments", least)
	}
	return fmt.Sprintf("%d to %d arguments", least, most)
}

// Match returns how a call is typed, or what is wrong with its arguments. A signature that
// needs no conversion is preferred.
func (l List) Match(args []Argument) (out Call, wrong string, err error) {
	found := false
	furthest, reached := 0, 0 // how far the signatures that fail got, how many so far
	for i := range l {
		s := &l[i]
		if !s.takes(len(args)) {
			continue
		}
		t, exact, failed, problem, err := s.match(args)
		switch {
		case err != nil:
			return t, "", err
		case problem != "" && failed > furthest:
			furthest, reached, wrong = failed, 1, problem
		case problem != "" && failed == furthest:
			reached++
		case problem != "":
		case exact:
			return t, "", nil
		case !found:
			out, found = t, true
		}
	}
	switch {
	case found:
		return out, "", nil
	case reached > 1:
		names := make([]string, len(args))
		for i := range args {
			names[i] = args[i].describe()
		}
		calls := make([]string, len(l))
		for i := range l {
			calls[i] = l[i].takesText
		}
		return out, fmt.Sprintf("it takes (%s), not (%s)", strings.Join(calls, ") or ("), strings.Join(names, ", ")), nil
	}
	return out, wrong, nil
}
