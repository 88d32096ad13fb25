package performance

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"parallax/shadow/bench"
)

//go:embed page.md
var newPage string

// section is a marked part of the page that a run of the benchmark writes. Text outside the
// sections is written by hand and kept.
type section struct {
	name string
	text func(d *bench.Document) string
}

var sections = []section{
	{"machine", machineSection},
	{"bar", barSection},
	{bench.SectionThroughput, throughputSection},
	{bench.SectionBatches, batchSizesSection},
	{bench.SectionBreakdown, breakdownSection},
	{bench.SectionScaling, scalingSection},
	{bench.SectionShadow, shadowSection},
	{bench.SectionCheckpoints, checkpointSection},
	{bench.SectionStages, stagesSection},
	{bench.SectionKafka, kafkaSection},
	{"peers", peersSection},
}

func opens(name string) string  { return "<!-- measured: " + name + " -->" }
func closes(name string) string { return "<!-- end: " + name + " -->" }

// Page writes a document's sections into a page; "" is a new one. A page without one of the
// sections is an error that names it, so that neither text nor figures are lost silently. Of a
// run that measured some sections only those are written, each with what ran.
func Page(page string, d *bench.Document) (string, error) {
	if page == "" {
		page = newPage
	}
	for _, s := range sections {
		if !isWritten(d, s.name) {
			continue
		}
		before, rest, ok := strings.Cut(page, opens(s.name)+"\n")
		_, after, closed := strings.Cut(rest, closes(s.name))
		if !ok || !closed {
			return "", fmt.Errorf("the page has no section %s: add the lines %s and %s where the section belongs", s.name, opens(s.name), closes(s.name))
		}
		page = before + opens(s.name) + "\n" + s.written(d) + closes(s.name) + after
	}
	return page, nil
}

// isWritten reports whether a document has a section.
func isWritten(d *bench.Document, section string) bool {
	return len(d.Sections) == 0 || slices.Contains(d.Sections, section)
}

// written returns a section as the page has it.
func (s section) written(d *bench.Document) string {
	text := strings.TrimRight(s.text(d), "\n") + "\n"
	if len(d.Sections) > 0 {
		text += "\n" + machineSection(d)
	}
	return text
}

// plots are the pictures, by file name, of sections.
var plots = []struct {
	section, file string
	draw          func(*bench.Document) string
}{
	{bench.SectionThroughput, "throughput.svg", ThroughputPlot},
	{bench.SectionScaling, "scaling.svg", ScalingPlot},
	{bench.SectionShadow, "latency.svg", LatencyPlot},
}

// WriteFiles writes PERFORMANCE.md and the folder performance with its plots. Hand-written
// text on the existing page is kept.
func WriteFiles(dir string, d *bench.Document) error {
	path := filepath.Join(dir, "PERFORMANCE.md")
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	page, err := Page(string(old), d)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "performance"), 0o755); err != nil {
		return err
	}
	for _, p := range plots {
		if !isWritten(d, p.section) {
			continue
		}
		picture := p.draw(d)
		if picture == "" {
			return fmt.Errorf("%s: this run measured nothing for this section; -o needs a run of all scenarios and paths", p.file)
		}
		if err := os.WriteFile(filepath.Join(dir, "performance", p.file), []byte(picture), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(path, []byte(page), 0o644)
}
