package guard

import (
	"errors"
	"regexp"
	"strings"

	"parallax/processors"
)

// The lines of a stack that are shown where values must not be: the goroutine, the functions without
// their arguments, which may be values, and the places in the code.
var (
	goroutineLine = regexp.MustCompile(`^goroutine \d+ \[[a-z ,0-9]*\]:$`)
	functionLine  = regexp.MustCompile(`^(created by )?([\pL\pN_./*()\[\]{}·%~-]+)( in goroutine \d+)?$`)
	placeLine     = regexp.MustCompile(`^\t\S+\.(go|s):\d+$`)
)

// frames returns the lines of a stack, as debug.Stack writes it, that show where it was and no values.
func frames(stack []byte) string {
	var kept []string
	for line := range strings.Lines(string(stack)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case goroutineLine.MatchString(line):
		case strings.HasPrefix(line, "\t"):
			line, _, _ = strings.Cut(line, " +0x")
			if !placeLine.MatchString(line) {
				continue
			}
		default:
			if at := strings.LastIndexByte(line, '('); at > 0 && strings.HasSuffix(line, ")") {
				line = line[:at]
			}
			if !functionLine.MatchString(line) {
				continue
			}
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// stackOf returns the frames of a panic that an error is, "" for none.
func stackOf(err error) string {
	if f, ok := errors.AsType[*Failure](err); ok && f != nil {
		return f.frames
	}
	if p, ok := errors.AsType[*PanicError](err); ok && p != nil {
		return frames(p.Stack)
	}
	if p, ok := errors.AsType[*processors.PanicError](err); ok && p != nil {
		return frames(p.Stack)
	}
	return ""
}
