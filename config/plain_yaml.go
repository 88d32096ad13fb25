package config

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// yamlTexts replace the texts of the YAML parser.
var yamlTexts = []struct{ has, text string }{
	{"did not find expected ',' or ']'", "a list that begins with [ has no ] at its end, or no comma between two values"},
	{"did not find expected ',' or '}'", "a mapping that begins with { has no } at its end, or no comma between two keys"},
	{"did not find expected <document start>", "the text goes on after its end; check that this line is indented as those before it"},
	{"did not find expected key", "a key is missing; check that this line is indented as the keys beside it"},
	{"did not find expected '-' indicator", "the - of a list item is missing; check that this line is indented as the items beside it"},
	{"mapping values are not allowed", "a colon is not allowed here; check that the line is indented as the keys beside it, or put the value into quotes"},
	{"cannot start any token", "a value cannot begin with this character; put it into quotes, and indent with blanks, not with tabs"},
	{"could not find expected ':'", "a key has no colon; check that the line is indented as those before it"},
	{"found unexpected end of stream", "a quote is not closed"},
	{"alphabetic or numeric", "& and * begin the name of an anchor; put the value into quotes"},
	{"unknown escape character", "a backslash in double quotes begins an escape that YAML does not have; write two of them, or use single quotes"},
	{"block sequence entries are not allowed", "an item of a list is not allowed here; begin it in a line of its own"},
	{"tab character", "a line is indented with a tab; use blanks"},
	{"contains itself", "an anchor contains itself"},
	{"excessive aliasing", "it has too many values that begin with *"},
	{"control characters", "it has a control character"},
	{"UTF-8", "it is not UTF-8"},
	{"node content", "a value is missing; check that the line is indented as those before it"},
	{"directive", "a line that begins with % is not allowed here; put the value into quotes"},
}

// yamlLine finds the line that an error of the parser names.
var yamlLine = regexp.MustCompile(`line (\d+): `)

// parserError matches syntax errors with a line, yamlAnchor the error about an unknown
// anchor, which has no line.
var (
	parserError = regexp.MustCompile(`did not find expected (',' or|<|key|'-'|node)`)
	yamlAnchor  = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
)

// plainYAML rewrites an error of the YAML parser in plain words, with its line.
func plainYAML(path string, file []byte, err error) error {
	said := err.Error()
	line := 1 // no line is named where it is the first
	if m := yamlLine.FindStringSubmatch(said); m != nil {
		line, _ = strconv.Atoi(m[1])
		if parserError.MatchString(said) {
			line++ // the lines of these count from 0
		}
	}
	line = min(line, 1+bytes.Count(bytes.TrimRight(file, "\r\n"), []byte{'\n'}))
	if m := yamlAnchor.FindStringSubmatch(said); m != nil {
		return fmt.Errorf("%s: not valid YAML: the value *%.100s refers to an anchor that the file does not have; put it into quotes", path, m[1])
	}
	text := "check the quotes, the brackets and the indentation of this line and the one before it"
	for _, y := range yamlTexts {
		if strings.Contains(said, y.has) {
			text = y.text
			break
		}
	}
	return fmt.Errorf("%s:%d: not valid YAML: %s", path, line, text)
}
