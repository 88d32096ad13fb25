package checkpoint

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

var update = flag.Bool("update", false, "write the table of failures into docs/DURABILITY.md")

const (
	docsPage   = "../../docs/DURABILITY.md"
	tableBegin = "<!-- generated: go test ./shadow/checkpoint -run FailureAtAnyStep -update -->\n"
	tableEnd   = "<!-- end of what is generated -->\n"
)

var failures = []failure{
	{"killed before", errDead, 0},
	{"killed in the middle", errDead, 0.5},
	{"killed after", errDead, 1},
	{"disk is full", syscall.ENOSPC, 0.5},
	{"I/O error", syscall.EIO, 0},
	{"I/O error although it was done", syscall.EIO, 1},
}

// before is a disk with two checkpoints, at 10 and 20, and what a process leaves that was
// killed while it wrote.
func before(t *testing.T) *disk {
	t.Helper()
	d := newDisk()
	w := newWriter(t, d.dir(), Options{Keep: 2})
	mustWrite(t, w, 1, 10)
	mustWrite(t, w, 1, 20)
	for _, name := range []string{"0000000003-g1-p25.stage0.zst", "0000000003-g1-p25.stage1.zst.tmp"} {
		if err := d.dir().Put(name, strings.NewReader("half")); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// life is what a process does: it starts, and writes the checkpoint at 30.
func life(s Storage) (published bool) {
	w, err := NewWriter(s, codecs(2), Options{Keep: 2})
	if err != nil {
		return false
	}
	_, err = write(w, 1, 30)
	return err == nil
}

// TestAFailureAtAnyStepLosesNothing fails each step of a process that starts and writes a
// checkpoint, in each way, and looks at what the next process finds: the newest checkpoint
// that was published, or one that is newer, whole. It also holds docs/DURABILITY.md against
// the outcomes.
func TestAFailureAtAnyStepLosesNothing(t *testing.T) {
	table := newOutcomes()
	start := before(t)
	for step := 1; ; step++ {
		reached := false
		for _, how := range failures {
			for _, s := range survivors {
				d := start.copy()
				d.failAt, d.how = step, how
				published := life(d.dir())
				if d.failedAt == "" {
					continue
				}
				reached = true
				at := fmt.Sprintf("step %d (%s), %s, %s", step, d.failedAt, how.name, s.name)
				position := afterwards(t, at, s.of(d))
				if published && position != 30 {
					t.Errorf("%s: the checkpoint at 30 was published, and the next process chooses %d", at, position)
				}
				table.add(d.failedAt, how, position)
			}
		}
		if !reached {
			break
		}
	}
	table.compare(t)
}

// afterwards is the next process: it returns the position of the checkpoint that it goes on
// from, and writes another one.
func afterwards(t *testing.T, at string, d *disk) int64 {
	t.Helper()
	w, err := NewWriter(d.dir(), codecs(2), Options{Keep: 2})
	if err != nil {
		t.Fatalf("%s: the next start: %v", at, err)
	}
	c, err := Choose(t.Context(), d.dir(), want(1, 30), codecs(2))
	if err != nil {
		t.Fatalf("%s: %v; there is %v", at, err, d)
	}
	if len(c.Damaged) > 0 {
		t.Errorf("%s: damaged: %v", at, c.Damaged)
	}
	position := c.Manifest.Place.Position
	got, err := Restore(context.Background(), d.dir(), c.Manifest, codecs(2))
	if err != nil {
		t.Fatalf("%s: restore: %v", at, err)
	}
	if !reflect.DeepEqual(got.Queries, stagesAt(position)) {
		t.Errorf("%s: the state at %d is not what was written", at, position)
	}
	if position != 20 && position != 30 {
		t.Errorf("%s: goes on from %d", at, position)
	}
	mustWrite(t, w, 1, 40)
	if all := names(t, d.dir()); len(all) != 6 {
		t.Errorf("%s: after the next checkpoint there are %v, want two checkpoints", at, all)
	}
	return position
}

// TestAFullDiskEndsWhenThereIsSpace: the same process goes on.
func TestAFullDiskEndsWhenThereIsSpace(t *testing.T) {
	for step := 1; ; step++ {
		d := before(t)
		w := newWriter(t, d.dir(), Options{Keep: 2})
		d.steps, d.failAt, d.how = 0, step, failure{"", syscall.ENOSPC, 0.5}
		_, err := write(w, 1, 30)
		if d.failedAt == "" {
			break
		}
		if err != nil && (!strings.Contains(err.Error(), syscall.ENOSPC.Error()) || !strings.Contains(err.Error(), "position 30")) {
			t.Errorf("%s: %v", d.failedAt, err)
		}
		mustWrite(t, w, 1, 40)
		if all := names(t, d.dir()); len(all) != 6 {
			t.Errorf("%s: %v", d.failedAt, all)
		}
	}
}

// TestADirectoryThatCannotBeWrittenToIsLeftAsItIs.
func TestADirectoryThatCannotBeWrittenToIsLeftAsItIs(t *testing.T) {
	d := before(t)
	s := readOnly{d.dir()}
	if _, err := NewWriter(s, codecs(2), Options{}); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a writer in a directory that is read-only: %v", err)
	}
	c, err := Choose(t.Context(), s, want(1, 30), codecs(2))
	if err != nil || c.Manifest.Place.Position != 20 {
		t.Errorf("%v, %v", c, err)
	}
}

// readOnly is a storage that cannot be written to.
type readOnly struct{ Storage }

func (readOnly) Put(string, io.Reader) error { return syscall.EROFS }
func (readOnly) Create(string, []byte) error { return syscall.EROFS }
func (readOnly) Delete(string) error         { return syscall.EROFS }

// outcomes are the rows of the table in docs/DURABILITY.md.
type outcomes struct {
	order []string
	rows  map[string]map[string]map[int64]bool
}

func newOutcomes() *outcomes { return &outcomes{rows: map[string]map[string]map[int64]bool{}} }

var columns = []string{"killed before", "killed in it", "killed after", "it fails"}

// inWords is a step as the table calls it.
var inWords = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`^(\w+) 0000000003-.*`), "start: $1 a file that no manifest names"},
	{regexp.MustCompile(`^(\w+) 0000000001-.*\.json$`), "delete: $1 the manifest of the oldest checkpoint"},
	{regexp.MustCompile(`^(\w+) 0000000001-.*`), "delete: $1 a stage file of the oldest checkpoint"},
	{regexp.MustCompile(`^(\w+) .*\.json\.tmp$`), "publish: $1 the temporary manifest"},
	{regexp.MustCompile(`^(\w+) .*\.json$`), "publish: $1 the manifest"},
	{regexp.MustCompile(`^(\w+) .*\.zst\.tmp$`), "write: $1 the temporary stage file"},
}

func (o *outcomes) add(step string, how failure, position int64) {
	column := "it fails"
	if how.err == errDead {
		column = map[float64]string{0: "killed before", 0.5: "killed in it", 1: "killed after"}[how.done]
	}
	for _, w := range inWords {
		if w.pattern.MatchString(step) {
			step = w.pattern.ReplaceAllString(step, w.text)
			break
		}
	}
	if step == "sync the directory" {
		step = strings.SplitN(o.order[len(o.order)-1], ":", 2)[0] + ": sync the directory after it"
	}
	if o.rows[step] == nil {
		o.order = append(o.order, step)
		o.rows[step] = map[string]map[int64]bool{}
	}
	if o.rows[step][column] == nil {
		o.rows[step][column] = map[int64]bool{}
	}
	o.rows[step][column][position] = true
}

// compare holds the page against the rows, or writes them.
func (o *outcomes) compare(t *testing.T) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "| step | what is lost | %s |\n|---|---|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, step := range o.order {
		fmt.Fprintf(&b, "| %s | nothing |", step)
		for _, c := range columns {
			var text []string
			if o.rows[step][c][20] {
				text = append(text, "the one before")
			}
			if o.rows[step][c][30] {
				text = append(text, "the new one")
			}
			fmt.Fprintf(&b, " %s |", strings.Join(text, " or "))
		}
		b.WriteString("\n")
	}
	text, err := os.ReadFile(docsPage)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), tableBegin)
	have, tail, ok2 := strings.Cut(rest, tableEnd)
	switch {
	case !ok || !ok2:
		t.Fatalf("%s has no place for the table", docsPage)
	case have == b.String():
	case *update:
		if err := os.WriteFile(docsPage, []byte(head+tableBegin+b.String()+tableEnd+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the failures do (go test ./shadow/checkpoint -run FailureAtAnyStep -update); want\n%s", docsPage, b.String())
	}
	if !slices.ContainsFunc(o.order, func(s string) bool { return strings.HasPrefix(s, "delete:") }) {
		t.Error("no checkpoint was deleted")
	}
}
