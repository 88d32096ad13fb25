package parallax_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of packages into docs/ARCHITECTURE.md")

const (
	architecturePage = "docs/ARCHITECTURE.md"
	tableBegin       = "<!-- generated from the package comments: go test . -run TableOfPackages -update -->\n"
	tableEnd         = "<!-- end of what is generated -->\n"
)

// aPackage is a row of the table of packages.
type aPackage struct {
	dir string
	// owns is the first sentence of the package comment, without the package's name.
	owns string
	// stability is "stable" or "ours", as the package comment says it.
	stability string
	// files and lines are those that are no tests.
	files, lines int
}

func (p aPackage) row() string {
	return fmt.Sprintf("| `%s` | %s | %s | %d | %d |", p.dir, p.owns, p.stability, p.files, p.lines)
}

var (
	saysStability = regexp.MustCompile(`(?m)^Stability: (stable|ours)\.$`)
	packageName   = regexp.MustCompile(`^(Package|Command) \w+ (is )?`)
	countsOfRow   = regexp.MustCompile(`^(.*) \| (\d+) \| (\d+) \|$`)
)

// packages reads the packages of the repository, in the order of their folders.
func packages(t *testing.T) []aPackage {
	t.Helper()
	found := map[string]*aPackage{}
	goFiles(t, func(dir, path string, f *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		p := found[dir]
		if p == nil {
			p = &aPackage{dir: dir}
			found[dir] = p
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		p.files++
		p.lines += strings.Count(string(text), "\n")
		if f.Doc == nil {
			return
		}
		p.owns = packageName.ReplaceAllString(new(doc.Package).Synopsis(f.Doc.Text()), "")
		p.owns = strings.TrimSuffix(strings.ReplaceAll(p.owns, "|", `\|`), ".")
		if m := saysStability.FindStringSubmatch(f.Doc.Text()); m != nil {
			p.stability = m[1]
		}
	})
	var list []aPackage
	for _, p := range found {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b aPackage) int { return strings.Compare(a.dir, b.dir) })
	return list
}

func TestEveryPackageSaysWhetherItIsStable(t *testing.T) {
	for _, p := range packages(t) {
		if p.stability == "stable" {
			if examples, err := filepath.Glob(filepath.Join(p.dir, "example*_test.go")); err != nil || len(examples) == 0 {
				t.Errorf("package %s is stable and has no example (%v)", p.dir, err)
			}
		}
		if p.stability == "" {
			t.Errorf("the comment of package %s has no line `Stability: stable.` or `Stability: ours.`", p.dir)
		}
	}
}

// TestTheRunnerIsReadAtOneSitting: what does not belong to the runner, the ledger or the
// comparison has a package below shadow.
func TestTheRunnerIsReadAtOneSitting(t *testing.T) {
	const most = 20
	for _, p := range packages(t) {
		if p.dir == "shadow" && p.files > most {
			t.Errorf("shadow has %d files without tests, and may have %d", p.files, most)
		}
	}
}

// TestTheTableOfPackagesIsWhatThePackagesSay: names, sentences and stability are held
// exactly; the counts of files and lines may be up to a quarter old.
func TestTheTableOfPackagesIsWhatThePackagesSay(t *testing.T) {
	page, err := os.ReadFile(architecturePage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), tableBegin)
	table, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table of packages", architecturePage)
	}
	want := []string{"| package | what it does | stability | files | lines |", "|---|---|---|---:|---:|"}
	for _, p := range packages(t) {
		want = append(want, p.row())
	}
	if *update {
		page := before + tableBegin + strings.Join(want, "\n") + "\n" + tableEnd + after
		if err := os.WriteFile(architecturePage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	for _, row := range want {
		if !slices.ContainsFunc(have, func(h string) bool { return isAboutTheSame(h, row) }) {
			t.Errorf("not in the table, or more than a quarter off: %s", row)
		}
	}
	for _, row := range have {
		if !slices.ContainsFunc(want, func(w string) bool { return isAboutTheSame(row, w) }) {
			t.Errorf("in the table, but not so in the code: %s", row)
		}
	}
	if t.Failed() {
		t.Log("run: go test . -run TableOfPackages -update")
	}
}

// isAboutTheSame reports whether two rows agree in all but the counts, and in those
// within a quarter.
func isAboutTheSame(a, b string) bool {
	x, y := countsOfRow.FindStringSubmatch(a), countsOfRow.FindStringSubmatch(b)
	if x == nil || y == nil {
		return a == b
	}
	return x[1] == y[1] && isNear(x[2], y[2]) && isNear(x[3], y[3])
}

func isNear(a, b string) bool {
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(b)
	return max(x, y)*4 <= min(x, y)*5 || max(x, y)-min(x, y) <= 1
}
