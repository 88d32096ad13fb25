package processortest

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"parallax/processors"
	"parallax/processors/plan"
)

// Golden describes one behaviour of the dialect: a query, records, and the expected output.
// It is stored as a text archive: a sentence, then sections.
type Golden struct {
	File string
	// About is the sentence on top, with its reasons.
	About string
	// Query is the section query.sql; a bare SELECT writes topic OUT.
	Query string
	// Input is the section "input". See Lines for its format.
	Input string
	// Options is the section options, a word a line: "on_error: dlq",
	// "late: dlq", "no flush"; "run once" is for a record that takes long, of which cuts
	// between batches and restored states show nothing.
	Options string
	// Output is the section output: records out, a line each.
	Output string
	// Undecodable, Dispositions and DeadLetters are sections that may be missing:
	// then nothing is undecodable, dispositions do not matter, nothing is a dead
	// letter.
	Undecodable, Dispositions, DeadLetters string

	hasDispositions, once bool
	compiled              *testCase // by Check, nil before
}

//go:embed testdata/*.txt
var goldens embed.FS

// Goldens returns all golden files, by name.
func Goldens() ([]*Golden, error) {
	entries, err := goldens.ReadDir("testdata")
	if err != nil {
		return nil, fmt.Errorf("read goldens: %w", err)
	}
	var list []*Golden
	for _, e := range entries {
		text, err := goldens.ReadFile(path.Join("testdata", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read goldens: %w", err)
		}
		g, err := ParseGolden(e.Name(), text)
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

// The sections of a golden file, in the order in which they are written.
const (
	sectionQuery        = "query.sql"
	sectionOptions      = "options"
	sectionInput        = "input"
	sectionOutput       = "output"
	sectionUndecodable  = "undecodable"
	sectionDispositions = "dispositions"
	sectionDeadLetters  = "dead letters"
)

// section is a part of a golden file, with the field that holds its text.
type section struct {
	name string
	text *string
}

func (g *Golden) sections() []section {
	return []section{
		{sectionQuery, &g.Query},
		{sectionOptions, &g.Options},
		{sectionInput, &g.Input},
		{sectionOutput, &g.Output},
		{sectionUndecodable, &g.Undecodable},
		{sectionDispositions, &g.Dispositions},
		{sectionDeadLetters, &g.DeadLetters},
	}
}

// ParseGolden reads a golden file.
func ParseGolden(file string, text []byte) (*Golden, error) {
	archive := txtar.Parse(text)
	g := &Golden{File: file, About: string(archive.Comment)}
	if strings.TrimSpace(g.About) == "" {
		return nil, fmt.Errorf("%s: a golden file starts with a sentence that says what it shows", file)
	}
	sections := g.sections()
	seen := map[string]bool{}
	for _, f := range archive.Files {
		i := slices.IndexFunc(sections, func(s section) bool { return s.name == f.Name })
		if i < 0 || seen[f.Name] {
			return nil, fmt.Errorf("%s: section %q is unknown or comes twice", file, f.Name)
		}
		seen[f.Name] = true
		*sections[i].text = string(f.Data)
	}
	for _, must := range []string{sectionQuery, sectionInput, sectionOutput} {
		if !seen[must] {
			return nil, fmt.Errorf("%s: section %q is missing", file, must)
		}
	}
	g.hasDispositions = seen[sectionDispositions]
	return g, nil
}

// Format writes the golden file again.
func (g *Golden) Format() []byte {
	archive := &txtar.Archive{Comment: []byte(g.About)}
	for _, s := range g.sections() {
		always := s.name == sectionQuery || s.name == sectionInput || s.name == sectionOutput
		if always || *s.text != "" || s.name == sectionDispositions && g.hasDispositions {
			archive.Files = append(archive.Files, txtar.File{Name: s.name, Data: []byte(*s.text)})
		}
	}
	return txtar.Format(archive)
}

// DefaultTopic is where a golden's bare SELECT writes.
const DefaultTopic = "OUT"

// Plan compiles the golden's query.
func (g *Golden) Plan() (*plan.Plan, error) {
	p, err := plan.Compile(g.Query, plan.BuildOptions{DefaultTopic: DefaultTopic})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.File, err)
	}
	return p, nil
}

// settings reads the section options.
func (g *Golden) settings() (opt processors.Options, flush bool, err error) {
	flush = true
	for line := range strings.Lines(g.Options) {
		switch strings.TrimSpace(line) {
		case "":
		case "on_error: dlq":
			opt.ErrorsToDeadLetter = true
		case "late: dlq":
			opt.LateToDeadLetter = true
		case "no flush":
			flush = false
		case "run once":
			g.once = true
		default:
			return opt, flush, fmt.Errorf("%s: unknown option %q", g.File, strings.TrimSpace(line))
		}
	}
	return opt, flush, nil
}
