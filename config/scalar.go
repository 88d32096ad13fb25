package config

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// scalarPlaces returns the position in the lines of its file of each byte of a YAML
// scalar's value, and of the byte after the last one. It reads the scalar from the lines as
// YAML does and compares the result with the value: ok is false if they differ, so that no
// position is a guess.
func scalarPlaces(n *yaml.Node, lines []string) (at []place, ok bool) {
	if n.Kind != yaml.ScalarNode {
		return nil, false
	}
	r := scalarReader{lines: lines, value: n.Value, line: n.Line - 1}
	for range n.Column - 1 {
		r.advance()
	}
	switch n.Style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		r.block(n.Style == yaml.FoldedStyle)
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		r.advance() // the quote
		r.flow(n.Style)
	case 0:
		r.flow(n.Style)
	default:
		return nil, false
	}
	if r.failed || len(r.at) != len(r.value) {
		return nil, false
	}
	return append(r.at, r.here()), true
}

// scalarReader reads a scalar from the lines of a file. Its line, byte and character are
// counted from 0.
type scalarReader struct {
	lines      []string
	value      string
	line       int
	byte, char int
	at         []place // of the bytes of value that were read
	failed     bool
}

func (r *scalarReader) isDone() bool { return r.failed || len(r.at) >= len(r.value) }

// text returns a line of the file without its end, "" after the last line.
func (r *scalarReader) text(line int) string {
	if line >= len(r.lines) {
		return ""
	}
	return strings.TrimRight(r.lines[line], "\r")
}

// rest returns the rest of the line.
func (r *scalarReader) rest() string {
	text := r.text(r.line)
	return text[min(r.byte, len(text)):]
}

// advance skips a character.
func (r *scalarReader) advance() {
	_, size := utf8.DecodeRuneInString(r.rest())
	r.byte += size
	r.char++
}

// goTo moves to a line and skips its indentation.
func (r *scalarReader) goTo(line, indent int) { r.line, r.byte, r.char = line, indent, indent }

func (r *scalarReader) here() place { return place{r.line + 1, r.char + 1} }

// add records that the current position produces a part of the value.
func (r *scalarReader) add(part string) {
	if !strings.HasPrefix(r.value[len(r.at):], part) {
		r.failed = true
		return
	}
	for range len(part) {
		r.at = append(r.at, r.here())
	}
}

// next moves to the text of the next line that is not blank, and returns how many blank
// lines it skipped.
func (r *scalarReader) next() (blank int) {
	line := r.line + 1
	for ; line < len(r.lines) && isBlank(r.text(line)); line++ {
		blank++
	}
	r.failed = r.failed || line >= len(r.lines)
	r.goTo(line, len(r.text(line))-len(strings.TrimLeft(r.text(line), " \t")))
	return blank
}

func isBlank(text string) bool { return strings.Trim(text, " \t") == "" }

// flow reads a quoted or plain scalar. The end of a line becomes a space, or a line end for
// each blank line that follows it.
func (r *scalarReader) flow(style yaml.Style) {
	for !r.isDone() {
		rest := r.rest()
		switch {
		case isBlank(rest):
			end := r.here()
			fold := " "
			if blank := r.next(); blank > 0 {
				fold = strings.Repeat("\n", blank)
			}
			from := len(r.at)
			r.add(fold)
			for i := from; i < len(r.at); i++ {
				r.at[i] = end
			}
		case style == yaml.DoubleQuotedStyle && rest[0] == '\\' && isBlank(rest[1:]):
			r.next() // the lines are joined
		case style == yaml.DoubleQuotedStyle && rest[0] == '\\':
			char, length := unescape(rest)
			r.add(char)
			for range length {
				r.advance()
			}
		case style == yaml.SingleQuotedStyle && strings.HasPrefix(rest, "''"):
			r.add("'")
			r.advance()
			r.advance()
		default:
			r.add(firstOf(rest))
			r.advance()
		}
	}
}

// firstOf returns the first character of a text.
func firstOf(text string) string {
	_, size := utf8.DecodeRuneInString(text)
	return text[:size]
}

// unescape returns the character for the escape at the start of a text, and the escape's
// length. If the escape is unknown, char is a byte that no value contains.
func unescape(text string) (char string, length int) {
	const plain = `\"/nrt0abefv `
	const means = "\\\"/\n\r\t\x00\a\b\x1b\f\v "
	if len(text) < 2 {
		return "\xff", 1
	}
	if i := strings.IndexByte(plain, text[1]); i >= 0 {
		return string(means[i]), 2
	}
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[1]]; digits > 0 && len(text) >= 2+digits {
		if code, err := strconv.ParseUint(text[2:2+digits], 16, 32); err == nil {
			return string(rune(code)), 2 + digits
		}
	}
	return "\xff", 2
}

// block reads a scalar that begins after the line with the | or >. If it is folded, the end
// of a line becomes a space between two lines that are not indented further.
func (r *scalarReader) block(folded bool) {
	r.goTo(r.line+1, 0)
	b := blockLines{r, 0}
	for line := r.line; line < len(r.lines); line++ {
		if text := r.text(line); !isBlank(text) {
			b.indent = spaces(text) - spaces(strings.TrimLeft(r.value, "\n"))
			break
		}
	}
	for line := r.line; !r.isDone(); line++ {
		if b.isEnd(line) {
			r.failed = true
			return
		}
		r.goTo(line, max(0, b.indent))
		for r.rest() != "" && !r.isDone() {
			r.add(firstOf(r.rest()))
			r.advance()
		}
		if !r.isDone() {
			r.add(b.lineEnd(line, folded))
		}
	}
}

// spaces counts the leading spaces of a text.
func spaces(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

// blockLines are the lines of a block, which begin after indent spaces.
type blockLines struct {
	*scalarReader
	indent int
}

// isEnd reports whether a line comes after the block.
func (b *blockLines) isEnd(line int) bool {
	return line >= len(b.lines) || !isBlank(b.text(line)) && spaces(b.text(line)) < b.indent
}

// content returns a line's text, "" if the line is not part of the block.
func (b *blockLines) content(line int) string {
	text := b.text(line)
	if b.isEnd(line) || len(text) <= b.indent {
		return ""
	}
	return text[max(0, b.indent):]
}

// lineEnd returns the text for the end of a line: a line end in a literal block. In a
// folded one a line end before blank lines is empty, because each blank line produces one.
func (b *blockLines) lineEnd(line int, folded bool) string {
	isFurther := func(text string) bool { return text[0] == ' ' || text[0] == '\t' }
	text := b.content(line)
	if !folded || text == "" || isFurther(text) {
		return "\n"
	}
	following := line + 1
	for !b.isEnd(following) && b.content(following) == "" {
		following++
	}
	switch text := b.content(following); {
	case text == "" || isFurther(text):
		return "\n"
	case following > line+1:
		return ""
	}
	return " "
}
