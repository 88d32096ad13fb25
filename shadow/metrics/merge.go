package metrics

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Merged collects the metrics of several jobs into one page in Prometheus' text format, in
// which every sample has the label job. The zero value is empty.
type Merged struct {
	families map[string]*family
	order    []string
}

// family is a metric with its samples.
type family struct {
	comments []string
	samples  []string
}

// Add adds a page of metrics of a job.
func (m *Merged) Add(job string, page []byte) {
	if m.families == nil {
		m.families = map[string]*family{}
	}
	label := fmt.Sprintf("job=%s", quoted(job))
	current, described := "", ""
	lines := bufio.NewScanner(bytes.NewReader(page))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			fields := strings.Fields(line)
			if len(fields) < 3 {
				continue
			}
			current = fields[2]
			f := m.family(current)
			if !slices.Contains(f.comments, line) {
				f.comments = append(f.comments, line)
			}
			described = current
			continue
		}
		end := strings.IndexAny(line, "{ ")
		if end <= 0 {
			continue
		}
		name := line[:end]
		if described == "" || !strings.HasPrefix(name, described) {
			current, described = name, ""
		}
		f := m.family(current)
		f.samples = append(f.samples, labelledSample(line, end, label))
	}
}

// labelledSample adds a label to a sample whose metric's name ends at end. A sample that has
// the label job keeps it.
func labelledSample(line string, end int, label string) string {
	if line[end] == ' ' {
		return line[:end] + "{" + label + "}" + line[end:]
	}
	if strings.HasPrefix(line[end:], "{job=") || strings.Contains(line[end:], ",job=") {
		return line
	}
	return line[:end+1] + label + "," + line[end+1:]
}

func (m *Merged) family(name string) *family {
	f := m.families[name]
	if f == nil {
		f = &family{}
		m.families[name] = f
		m.order = append(m.order, name)
	}
	return f
}

// quoted is a label's value, as Prometheus' text format writes it.
func quoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}

// Write writes the page.
func (m *Merged) Write(w io.Writer) {
	for _, name := range m.order {
		f := m.families[name]
		for _, line := range f.comments {
			fmt.Fprintln(w, line)
		}
		for _, line := range f.samples {
			fmt.Fprintln(w, line)
		}
	}
}
