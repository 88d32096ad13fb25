package performance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/shadow/bench"
)

func TestARerunKeepsWhatIsWrittenByHand(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFiles(dir, document()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "PERFORMANCE.md")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const prose = "\nA million keys take 180 bytes each.\n"
	mine := strings.Replace(string(first), "## The bar\n", "## The bar\n\nThis is mine.\n", 1) + prose
	if err := os.WriteFile(path, []byte(mine), 0o644); err != nil {
		t.Fatal(err)
	}
	other := document()
	other.Machine.CPU = "another CPU"
	if err := WriteFiles(dir, other); err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(mine, "of a CPU", "of another CPU", 1); string(second) != want {
		t.Errorf("got\n%s", second)
	}
	for _, p := range plots {
		if _, err := os.Stat(filepath.Join(dir, "performance", p.file)); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(second), "(performance/"+p.file+")") {
			t.Errorf("the page does not show %s", p.file)
		}
	}
}

func TestAPageThatLacksASectionIsRefusedAndStays(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "PERFORMANCE.md")
	if err := os.WriteFile(path, []byte("# Mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := WriteFiles(dir, document())
	if err == nil || !strings.Contains(err.Error(), "no section machine: add the lines <!-- measured: machine -->") {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "# Mine\n" {
		t.Errorf("the page is now %q", text)
	}
}

func TestARunOfAPartDoesNotReplaceThePage(t *testing.T) {
	d := document()
	d.SideBySide = nil
	if err := WriteFiles(t.TempDir(), d); err == nil || !strings.Contains(err.Error(), "latency.svg") {
		t.Errorf("got %v", err)
	}
}

// TestARunOfOneSectionWritesOnlyThat: the rest of the page keeps its text, figures and plots.
func TestARunOfOneSectionWritesOnlyThat(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFiles(dir, document()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "PERFORMANCE.md")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	part := &bench.Document{
		Sections: []string{bench.SectionBatches}, BatchSizes: document().BatchSizes[:1], Machine: bench.Machine{CPU: "another CPU"},
		Command: "parallax bench --section batches -o docs", Load: "1.5, 2.5, 3.5",
	}
	if err := WriteFiles(dir, part); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := func(page []byte) (outside, inside string) {
		head, rest, _ := strings.Cut(string(page), opens("batches"))
		inside, tail, ok := strings.Cut(rest, closes("batches"))
		if !ok {
			t.Fatalf("the section is gone:\n%s", page)
		}
		return head + tail, inside
	}
	was, _ := cut(before)
	is, section := cut(after)
	if is != was {
		t.Errorf("the page outside of the section is now\n%s", is)
	}
	for _, want := range []string{"1,500 | 0.95", "`parallax bench --section batches -o docs`", "of another CPU", "Load average over the last 1, 5 and 15 minutes: 1.5, 2.5, 3.5."} {
		if !strings.Contains(section, want) {
			t.Errorf("%q is not in\n%s", want, section)
		}
	}
}
