package main

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// usageTexts say in other words what the parser of the command line says.
var usageTexts = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`expected duration but got ("[^"]*").*$`), `$1 is not a duration; write a number and a unit, such as 500ms, 30s or 10m`},
	{regexp.MustCompile(`expected a valid \d+ bit u?int but got ("[^"]*")`), `$1 is not a whole number in the flag's range`},
	{regexp.MustCompile(`expected a float but got ("[^"]*").*$`), `$1 is not a number`},
	{regexp.MustCompile(`^expected "(<.*)"$`), `the argument $1 is missing`},
}

// plainUsage is an error in the command line in words of our own.
func plainUsage(err error) error {
	text := err.Error()
	for _, u := range usageTexts {
		if u.pattern.MatchString(text) {
			return errors.New(u.pattern.ReplaceAllString(text, u.text))
		}
	}
	return err
}

// plainPaths is an error's text, in which Go's words about a file are a sentence.
func plainPaths(err error) string {
	text := err.Error()
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		text = strings.Replace(text, path.Error(), fmt.Sprintf("cannot %s %s: %v", path.Op, path.Path, path.Err), 1)
	}
	return text
}
