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
	// Name is the script's name in errors: the job file, or the file in sql_file.
	Name, Text string
	// scalar is the script's node in the job file, whose text is file; nil if the script is in
	// another file.
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
	file := l.beside(l.Job.SQLFile)
	text, err := os.ReadFile(file)
	if err != nil {
		return Script{}, fmt.Errorf("sql_file: %w", err)
	}
	return Script{Name: file, Text: string(text)}, nil
}

// StateDir is the directory of the job's checkpoints.
func (l *Loaded) StateDir() string { return l.beside(l.Job.State.Dir) }

// EvidenceDir is the directory of the job's evidence.
func (l *Loaded) EvidenceDir() string { return l.beside(l.Job.Evidence.Dir) }

// ReportsDir is the folder for the job's reports.
func (l *Loaded) ReportsDir() string { return l.beside(l.Job.Reports.Dir) }

// beside is a path that is relative to the job file.
func (l *Loaded) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(l.Path), path)
}

// Point prefixes an error in the script with its name. If the script is in the job file, lines
// and columns are those of the job file. If they cannot be found there, the error has the
// position of the script and says that its lines are counted in the script.
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

// offsetOf returns the offset of an error's position in a script.
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
