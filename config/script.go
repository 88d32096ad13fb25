package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"parallax/processors/sql"
)

// Script is a job's SQL.
type Script struct {
	// Name is what errors call it: the job file, or the file that sql_file names.
	Name, Text string
	// scalar is the script in the job file, whose text is file; nil where it stands
	// elsewhere.
	scalar *yaml.Node
	file   string
}

// Script reads the job's SQL.
func (l *Loaded) Script() (Script, error) {
	if l.Job.SQL != "" {
		s := Script{Name: l.Path + ": sql", Text: l.Job.SQL}
		if origin := l.Origin["sql"]; strings.HasPrefix(origin, l.Path+":") {
			if n := l.places.value("sql"); n != nil && n.Value == s.Text {
				s.Name, s.scalar, s.file = l.Path, n, l.text
			}
		}
		return s, nil
	}
	file := l.Job.SQLFile
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(l.Path), file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return Script{}, fmt.Errorf("sql_file: %w", err)
	}
	return Script{Name: file, Text: string(text)}, nil
}

// Point puts the script's name before an error in it. Lines and columns of a
// script that stands in the job file are counted in the job file; where that cannot be
// done, the error has the place of the script and says what its lines are counted in.
func (s Script) Point(err error) error {
	e, ok := errors.AsType[*sql.Error](err)
	if !ok || s.scalar == nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	at, name, lines := *e, s.Name, strings.Split(s.file, "\n")
	if places, ok := scalarPlaces(s.scalar, lines); ok {
		p := places[offsetOf(s.Text, e)]
		at.Line, at.Column, at.Text = p.line, p.column, strings.TrimRight(lines[p.line-1], "\r")
	} else {
		name, at.Within = fmt.Sprintf("%s:%d:%d", name, s.scalar.Line, s.scalar.Column), "the script in sql:"
	}
	return fmt.Errorf("%s: %w", name, &at)
}

// offsetOf is the offset in a script of the place of an error in it.
func offsetOf(script string, e *sql.Error) int {
	at := 0
	for range e.Line - 1 {
		at += strings.IndexByte(script[at:], '\n') + 1
	}
	for range e.Column - 1 {
		_, size := utf8.DecodeRuneInString(script[at:])
		at += size
	}
	return at
}
