package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"parallax/processors/sql"
)

// Script is a job's SQL.
type Script struct {
	// Name is what errors call it: the job file, or the file that sql_file names.
	Name, Text string
	// file are the lines of the job file that the script stands in, nil where they
	// are not known; line is the one before the script's first, indent how many
	// characters stand before each line of it.
	file         []string
	line, indent int
}

// Script reads the job's SQL.
func (l *Loaded) Script() (Script, error) {
	if l.Job.SQL != "" {
		s := Script{Name: l.Path + ": sql", Text: l.Job.SQL}
		if origin := l.Origin["sql"]; strings.HasPrefix(origin, l.Path+":") {
			source := strings.Split(l.text, "\n")
			n := l.places.value("sql")
			if line, indent, ok := scriptPlace(n, source); ok {
				s.Name, s.file, s.line, s.indent = l.Path, source, line, indent
			} else if n != nil {
				s.Name = fmt.Sprintf("%s:%d:%d: sql, at this position within its text", l.Path, n.Line, n.Column)
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
// script that stands in the job file are counted in the job file.
func (s Script) Point(err error) error {
	if e, ok := errors.AsType[*sql.Error](err); ok && s.file != nil {
		at := *e
		at.Line += s.line
		at.Column += s.indent
		at.Text = strings.TrimRight(s.file[at.Line-1], "\r")
		err = &at
	}
	return fmt.Errorf("%s: %w", s.Name, err)
}

// scriptPlace finds a script in the lines of its job file. ok is false where its
// lines do not stand there one by one, as in a folded or an escaped text.
func scriptPlace(n *yaml.Node, source []string) (line, indent int, ok bool) {
	if n == nil {
		return 0, 0, false
	}
	script := strings.Split(strings.TrimRight(n.Value, "\n"), "\n")
	switch n.Style {
	case yaml.LiteralStyle:
		line = n.Line // the lines after the one with the |
		for i, text := range script {
			if strings.TrimSpace(text) != "" && line+i < len(source) {
				indent = len(strings.TrimRight(source[line+i], "\r")) - len(text)
				break
			}
		}
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		line, indent = n.Line-1, n.Column
	default:
		line, indent = n.Line-1, n.Column-1
	}
	for i, text := range script {
		if line+i >= len(source) || i > 0 && n.Style != yaml.LiteralStyle {
			return 0, 0, false
		}
		have := strings.TrimRight(source[line+i], "\r")
		if strings.TrimSpace(text) == "" && strings.TrimSpace(have) == "" {
			continue
		}
		if indent < 0 || indent > len(have) || !strings.HasPrefix(have[indent:], text) {
			return 0, 0, false
		}
	}
	return line, indent, true
}
