package explain

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"parallax/processors/row"
)

// shownBytes limits the text of a column, shownRecord that of a record.
const (
	shownBytes  = 40
	shownRecord = 120
	shownLines  = 12
)

// trailing is the white space that a table leaves at the end of a line.
var trailing = regexp.MustCompile(` +\n`)

// WriteText writes the explanation for people.
func (x *Explanation) WriteText(w io.Writer) error {
	var b strings.Builder
	if x.Shown {
		x.writeShown(&b)
	} else {
		x.writeNotShown(&b)
	}
	text := trailing.ReplaceAllString(b.String(), "\n")
	_, err := io.WriteString(w, text)
	return err
}

func (x *Explanation) writeNotShown(b *strings.Builder) {
	what := x.Asked
	if what == "" {
		what = "any divergence"
	}
	fmt.Fprintf(b, "A replay of %s does not show %s.\n\nWhat may differ between the run and the replay:\n", recordsText(x.Read), what)
	for _, why := range x.Why {
		fmt.Fprintf(b, "  - %s\n", why)
	}
	if len(x.Others) > 0 {
		b.WriteString("\nThe replay shows these divergences:\n")
		for i := range x.Others {
			fmt.Fprintf(b, "  %s  %s\n", x.Others[i].ID, title(&x.Others[i]))
		}
	}
}

func (x *Explanation) writeShown(b *strings.Builder) {
	sig := &x.Signature
	fmt.Fprintf(b, "%s  %s\n", sig.ID, title(sig))
	if x.Asked != "" && x.Asked != sig.ID {
		fmt.Fprintf(b, "  (asked for %s; the replay shows the same difference with another id)\n", x.Asked)
	}
	field(b, "who is wrong", x.Opinion)
	if x.Stage != nil {
		field(b, "where", x.Stage.Text())
	} else if len(x.Matrix) > 0 {
		field(b, "where", "in no stage's rows on their own: in the order or number of the merged rows")
	}
	field(b, "when", x.Conclusion)
	for _, more := range x.More {
		field(b, "", more)
	}
	if sig.HypothesisText != "" {
		field(b, "hypothesis", sig.HypothesisText)
	}
	smallest := fmt.Sprintf("%s of %d replayed, %s (%d tries)", recordsText(x.Records), x.Read, x.batches(), x.Tries)
	if x.Exhausted {
		smallest += ", not the smallest: the tries ended"
	}
	field(b, "input", smallest)
	x.writeRecords(b)
	x.writeRows(b)
	x.writeMatrix(b)
}

// batches says how the smallest input is cut.
func (x *Explanation) batches() string {
	text := "all in one batch"
	switch {
	case x.Records == 1:
		text = "one batch"
	case x.Batch == 1:
		text = "a batch each"
	case x.Batch > 0:
		text = fmt.Sprintf("%d in a batch", x.Batch)
	}
	if x.Restarts {
		text += ", V2 restarted in between"
	}
	return text
}

func field(b *strings.Builder, name, text string) {
	fmt.Fprintf(b, "  %-14s%s\n", name, text)
}

// writeRecords shows the first records of the smallest input.
func (x *Explanation) writeRecords(b *strings.Builder) {
	for i := range x.records {
		if i == shownLines {
			fmt.Fprintf(b, "    and %d more\n", len(x.records)-i)
			break
		}
		r := &x.records[i]
		value := "null"
		if r.Value != nil {
			value = row.ShortenTo(string(r.Value), shownRecord)
		}
		text := fmt.Sprintf("    %s  %s", placeOf(r), value)
		if r.Timestamp != 0 {
			text += fmt.Sprintf("  at %d", r.Timestamp)
		}
		if r.Key != nil {
			text += fmt.Sprintf("  key %s", row.ShortenTo(string(r.Key), shownBytes))
		}
		fmt.Fprintln(b, text)
	}
}

// writeRows shows the rows that differ, V1, V2 and oracle below each other.
func (x *Explanation) writeRows(b *strings.Builder) {
	ex := &x.Signature.Example
	switch {
	case ex.State != nil:
		fmt.Fprintf(b, "\nState of %s after %d records\n", ex.State.Stage, ex.State.Position)
		for _, k := range ex.State.Keys {
			fmt.Fprintf(b, "  %s\n    V1  %s\n    V2  %s\n", k.Key, k.V1, k.V2)
		}
		return
	case ex.Error != "":
		fmt.Fprintf(b, "\nV2 failed: %s\n", ex.Error)
		return
	case len(x.Rows) == 0:
		b.WriteString("\nThe rows of V1 and V2 are equal.\n")
		for _, c := range ex.Columns {
			fmt.Fprintf(b, "  %s: V1 %s, V2 %s\n", c.Name, cmp.Or(c.V1, "(none)"), cmp.Or(c.V2, "(none)"))
		}
		if len(ex.V2Partitions) > 1 {
			fmt.Fprintf(b, "  one key's rows come from V2's partitions %s\n", strings.Trim(fmt.Sprint(ex.V2Partitions), "[]"))
		}
		return
	}
	b.WriteString("\nRows that differ (* marks a column)\n")
	for i := range x.Rows {
		x.Rows[i].write(b)
	}
}

// write shows one row. What is the same on all sides and is in the heading is left out.
func (d *Difference) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n  %s\n", d.heading())
	columns := d.shownColumns()
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	line := func(name string, texts []string, mark bool) {
		fmt.Fprintf(w, "    %s", name)
		for n, i := range columns { // every line has a cell for each column: that aligns them
			text := ""
			switch {
			case texts == nil && n == 0:
				text = "(no such row)"
			case i < len(texts):
				text = row.ShortenTo(texts[i], shownBytes)
			}
			if mark && i < len(d.Differ) && d.Differ[i] {
				text += " *"
			}
			fmt.Fprintf(w, "\t%s", strings.NewReplacer("\t", " ", "\n", " ").Replace(text))
		}
		fmt.Fprintln(w)
	}
	line("", d.Columns, false)
	line("V1", d.V1, false)
	line("V2", d.V2, true)
	line("oracle", d.Oracle, false)
	_ = w.Flush() // writing to a strings.Builder does not fail
}

// heading names the row: its topic, its key and window, and the record that made it.
func (d *Difference) heading() string {
	text := d.Topic
	row := d.V1
	if row == nil {
		row = d.V2
	}
	for i, name := range d.Columns[:d.Keys] {
		switch {
		case i == 0:
			text += ", "
		case name != windowColumn:
			text += " "
		}
		if name == windowColumn {
			text += " in " + row[i]
		} else {
			text += name + "=" + row[i]
		}
	}
	if d.Cause == "" {
		return text + ", made at the end of the input"
	}
	return text + ", made by " + d.Cause
}

// shownColumns are the columns that the heading does not show, or that differ.
func (d *Difference) shownColumns() (list []int) {
	for i, name := range d.Columns {
		isKey := i < d.Keys || slices.Contains(d.Columns[:d.Keys], name)
		if differs := i < len(d.Differ) && d.Differ[i]; differs || !isKey && name != timestampColumn {
			list = append(list, i)
		}
	}
	return list
}

// writeMatrix shows the ways in which the divergence shows: a line for each V2, a column for
// each cut.
func (x *Explanation) writeMatrix(b *strings.Builder) {
	var cuts []int
	type line struct {
		name  string
		cells map[int]*Cell
	}
	var table []*line
	inAll := false
	for i := range x.Matrix {
		c := &x.Matrix[i]
		name := fmt.Sprintf("v2:%d", c.Partitions)
		if base := x.Matrix[0].Strategy; c.Strategy != base {
			name += ", " + string(c.Strategy)
		}
		if c.Restarts {
			name += ", restarted between batches"
		}
		if len(table) == 0 || table[len(table)-1].name != name {
			table = append(table, &line{name, map[int]*Cell{}})
		}
		table[len(table)-1].cells[c.Batch] = c
		inAll = inAll || c.InAll
		if !slices.Contains(cuts, c.Batch) {
			cuts = append(cuts, c.Batch)
		}
	}
	if len(table) == 0 {
		return
	}
	b.WriteString("\nDoes it show?\n")
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "  ")
	for _, cut := range cuts {
		switch cut {
		case 0:
			fmt.Fprint(w, "\tin one batch")
		case 1:
			fmt.Fprint(w, "\ta batch each")
		default:
			fmt.Fprintf(w, "\t%d a batch", cut)
		}
	}
	fmt.Fprintln(w)
	for _, l := range table {
		fmt.Fprintf(w, "  %s", l.name)
		for _, cut := range cuts {
			fmt.Fprintf(w, "\t%s", l.cells[cut].text())
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // writing to a strings.Builder does not fail
	if inAll {
		fmt.Fprintf(b, "  (all) not with the smallest input, but with all records in which the divergence was found\n")
	}
}

// text is a cell of the table. c may be nil.
func (c *Cell) text() string {
	switch {
	case c == nil:
		return ""
	case c.Refused != "":
		return "cannot run"
	case c.InAll:
		return "yes (all)"
	case c.Shows:
		return "yes"
	case len(c.Other) > 0:
		return "no (" + strings.Join(c.Other, ", ") + ")"
	}
	return "no"
}
