package parallax_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mayImport is the house's rule: which of our packages a package may import.
// A name stands for itself and, with /..., for what is below it.
var mayImport = map[string][]string{
	"cmd/parallax":                      {"..."},
	"config":                            {"processors", "processors/route", "processors/sql", "diff", "shadow", "shadow/candidate", "shadow/kafka", "shadow/migration", "shadow/stage", "reports/gate", "reports/schedule", "reports/store", "shadow/checkpoint"},
	"diff":                              {"processors/numeric", "processors/row"},
	"diff/records":                      {"diff", "processors/row"},
	"diff/tables":                       {"diff", "diff/records", "processors/row"},
	"diff/reduce":                       {},
	"hack/mutate":                       {},
	"hack/mutate/notice":                {"processors/processortest"},
	"hack/plainloop":                    {"shadow/bench/plainloop"},
	"hack/release":                      {},
	"processors":                        {"processors/route", "processors/row", "processors/state"},
	"processors/factory":                {"processors", "processors/partitions", "processors/pipeline", "processors/plan"},
	"processors/partitions":             {"processors", "processors/exec", "processors/merge", "processors/plan", "processors/recycle", "processors/relay", "processors/route", "processors/row", "processors/state"},
	"processors/pipeline":               {"processors", "processors/exec", "processors/plan", "processors/recycle", "processors/relay", "processors/row", "processors/state"},
	"processors/recycle":                {},
	"processors/row/rowtest":            {"processors/numeric", "processors/row"},
	"processors/row":                    {"processors/numeric"},
	"processors/sql":                    {"processors/row"},
	"processors/datetime":               {},
	"processors/numeric":                {},
	"processors/typing":                 {"processors/numeric", "processors/row"},
	"processors/functions/aggregates":   {"processors/functions/signature", "processors/row"},
	"processors/functions/signature":    {"processors/row", "processors/typing"},
	"processors/functions":              {"processors/datetime", "processors/functions/signature", "processors/numeric", "processors/row", "processors/typing"},
	"processors/plan":                   {"processors/datetime", "processors/functions", "processors/functions/aggregates", "processors/functions/signature", "processors/numeric", "processors/row", "processors/sql", "processors/typing"},
	"processors/state":                  {"processors/row"},
	"processors/window":                 {"processors/row"},
	"processors/exec/expression":        {"processors/functions", "processors/numeric", "processors/plan", "processors/row"},
	"processors/exec/form":              {"processors/numeric", "processors/row"},
	"processors/exec/frozen":            {},
	"processors/exec/aggregate":         {"processors/exec/expression", "processors/exec/form", "processors/exec/frozen", "processors/functions/aggregates", "processors/numeric", "processors/plan", "processors/row"},
	"processors/exec":                   {"processors/exec/aggregate", "processors/exec/expression", "processors/exec/form", "processors/exec/frozen", "processors/functions/aggregates", "processors/numeric", "processors/plan", "processors/row", "processors/state", "processors/window"},
	"processors/route":                  {"processors/row"},
	"processors/merge":                  {"processors/row"},
	"processors/relay":                  {"processors/plan", "processors/row", "processors/state"},
	"processors/oracle":                 {"processors", "processors/functions", "processors/functions/aggregates", "processors/numeric", "processors/plan", "processors/row"},
	"processors/faults":                 {"processors", "processors/exec", "processors/numeric", "processors/partitions", "processors/pipeline", "processors/plan", "processors/route", "processors/row", "processors/sql", "processors/state"},
	"processors/processortest":          {"processors/...", "processors", "shadow/codec", "shadow/ingest"},
	"processors/processortest/generate": {"diff/reduce", "processors/functions", "processors/functions/aggregates", "processors/numeric", "processors/plan", "processors/row", "processors/sql"},
	"processors/processortest/soak":     {},
	"reports":                           {"diff", "diff/records", "diff/tables", "reports/gate", "shadow/evidence"},
	"reports/delivery":                  {"diff", "processors/row", "reports", "reports/document", "reports/gate", "shadow/evidence"},
	"reports/schedule":                  {"reports/delivery", "reports/document", "reports/gate", "reports/page", "reports/store", "shadow/evidence"},
	"reports/document":                  {"diff", "processors/row", "reports", "reports/gate", "reports/verdict", "shadow/evidence"},
	"reports/look":                      {"diff", "processors/row", "reports/gate", "shadow/evidence"},
	"reports/look/looktest":             {},
	"reports/page":                      {"diff", "diff/tables", "processors/row", "reports", "reports/document", "reports/gate", "reports/look", "shadow/evidence"},
	"reports/performance":               {"reports/gate", "shadow/bench"},
	"reports/gate":                      {"diff", "shadow/evidence"},
	"reports/verdict":                   {"diff", "reports/gate", "reports/store", "shadow/evidence", "shadow/stage"},
	"reports/store":                     {"shadow/checkpoint", "shadow/evidence", "shadow/stage"},
	"reports/dashboard":                 {"reports/gate", "reports/verdict", "server/throttle"},
	"server/access":                     {"server/resource", "server/throttle"},
	"server/api":                        {"reports/gate", "reports/verdict", "server/access", "server/resource", "server/throttle"},
	"server/throttle":                   {},
	"server/audit":                      {"server/resource"},
	"server/events":                     {"server/resource"},
	"server/memory":                     {},
	"server/jobs":                       {"config", "diff", "processors", "reports/gate", "server/resource", "shadow/checkpoint", "shadow/evidence", "shadow/guard", "shadow/job"},
	"server/single":                     {"config", "diff", "reports/gate", "server/jobs", "server/resource"},
	"server/service":                    {"config", "diff", "diff/records", "reports/document", "reports/gate", "reports/schedule", "reports/store", "reports/verdict", "server/audit", "server/events", "server/jobs", "server/memory", "server/resource", "server/stages", "shadow", "shadow/checkpoint", "shadow/evidence", "shadow/explain", "shadow/guard", "shadow/host", "shadow/job", "shadow/metrics", "shadow/replay", "shadow/stage"},
	"server/page":                       {"diff", "reports", "reports/document", "reports/gate", "reports/look", "server/access", "server/resource", "shadow/stage"},
	"server/client":                     {"server/resource"},
	"server/stages":                     {"server/resource", "shadow", "shadow/job", "shadow/migration"},
	"server/resource":                   {"diff", "reports/gate", "reports/verdict", "shadow/evidence", "shadow/stage"},
	"server/resource/resourcetest":      {"diff", "reports/gate", "reports/verdict", "server/resource", "shadow/evidence", "shadow/stage"},
	"shadow":                            {"diff", "processors", "processors/row", "processors/state", "shadow/announce", "shadow/arm", "shadow/candidate", "shadow/emission", "shadow/estimate", "shadow/evidence", "shadow/guard", "shadow/host", "shadow/isolated", "shadow/metrics", "shadow/opinion", "shadow/sampling", "shadow/sensitivity", "shadow/stage", "shadow/states", "shadow/throughput"},
	"shadow/bench":                      {"diff", "processors", "processors/exec", "processors/partitions", "processors/pipeline", "processors/plan", "processors/route", "processors/row", "processors/state", "shadow", "shadow/bench/plainloop", "shadow/candidate", "shadow/checkpoint", "shadow/codec", "shadow/embedded", "shadow/evidence", "shadow/host", "shadow/ingest", "shadow/kafka", "shadow/script", "shadow/stage", "shadow/states", "shadow/workload"},
	"shadow/bench/plainloop":            {},
	"shadow/announce":                   {"diff"},
	"shadow/arm":                        {"diff", "processors", "processors/row"},
	"shadow/candidate":                  {"processors", "processors/row", "processors/state", "shadow/arm", "shadow/evidence", "shadow/guard", "shadow/host", "shadow/sampling"},
	"shadow/checkpoint":                 {"processors/plan", "processors/state", "shadow/ingest", "shadow/stage"},
	"shadow/codec":                      {"processors/datetime", "processors/numeric", "processors/row"},
	"shadow/demo":                       {"config", "diff", "processors", "processors/faults", "processors/partitions", "processors/plan", "processors/route", "reports/dashboard", "reports/gate", "shadow/candidate", "shadow/embedded", "shadow/evidence", "shadow/job", "shadow/kafka", "shadow/produce", "shadow/workload"},
	"shadow/embedded":                   {},
	"shadow/emission":                   {"processors/row", "shadow/evidence", "shadow/stage"},
	"shadow/estimate":                   {},
	"shadow/explain":                    {"diff", "diff/records", "diff/reduce", "processors", "processors/exec", "processors/oracle", "processors/partitions", "processors/pipeline", "processors/plan", "processors/route", "processors/row", "processors/state", "shadow/codec", "shadow/guard", "shadow/ingest", "shadow/redaction", "shadow/states"},
	"shadow/evidence":                   {"diff", "processors/row", "shadow/estimate", "shadow/stage"},
	"shadow/guard":                      {"processors"},
	"shadow/host":                       {},
	"shadow/ingest":                     {"processors/numeric", "processors/row", "shadow/codec"},
	"shadow/isolated":                   {"diff", "processors", "processors/row", "shadow/arm", "shadow/candidate", "shadow/evidence", "shadow/guard", "shadow/throughput"},
	"shadow/job":                        {"config", "diff", "processors", "processors/exec", "processors/factory", "processors/partitions", "processors/pipeline", "processors/plan", "processors/row", "processors/state", "reports/dashboard", "reports/gate", "reports/store", "reports/verdict", "shadow", "shadow/candidate", "shadow/checkpoint", "shadow/evidence", "shadow/guard", "shadow/ingest", "shadow/kafka", "shadow/kafka/cluster", "shadow/metrics", "shadow/migration", "shadow/redaction", "shadow/sampling", "shadow/stage", "shadow/states"},
	"shadow/kafka":                      {"processors/plan", "processors/row", "shadow/codec", "shadow/evidence", "shadow/ingest", "shadow/kafka/cluster", "shadow/kafka/journal", "shadow/kafka/limits", "shadow/stage"},
	"shadow/kafka/cluster":              {"processors/row", "shadow/kafka/limits"},
	"shadow/kafka/journal":              {"processors/row", "shadow/ingest", "shadow/stage"},
	"shadow/kafka/limits":               {"processors/row"},
	"shadow/metrics":                    {"diff", "processors", "processors/row", "shadow/evidence", "shadow/throughput"},
	"shadow/migration":                  {"diff", "shadow/stage"},
	"shadow/opinion":                    {"processors/row", "shadow/codec", "shadow/evidence", "shadow/guard", "shadow/sampling"},
	"shadow/replay":                     {"config", "diff", "processors", "processors/factory", "processors/faults", "processors/row", "reports/store", "shadow/evidence", "shadow/explain", "shadow/job", "shadow/kafka", "shadow/kafka/cluster", "shadow/redaction"},
	"shadow/produce":                    {"processors/row", "shadow/codec", "shadow/workload"},
	"shadow/script":                     {"processors", "processors/plan", "processors/row", "shadow/codec", "shadow/ingest"},
	"shadow/redaction":                  {"processors/exec", "processors/plan", "processors/row"},
	"shadow/sampling":                   {"processors/row"},
	"shadow/sensitivity":                {"diff", "processors/numeric", "processors/row", "shadow/evidence", "shadow/guard"},
	"shadow/stage":                      {},
	"shadow/states":                     {"diff", "processors/exec", "processors/plan", "processors/row", "processors/state", "shadow/candidate", "shadow/evidence", "shadow/guard"},
	"shadow/topics":                     {"diff/tables", "shadow/kafka", "shadow/kafka/cluster"},
	"shadow/throughput":                 {"processors", "shadow/estimate", "shadow/evidence"},
	"shadow/workload":                   {"processors/row"},
}

// onlyIn are libraries that one part of the house has to itself, tests apart.
var onlyIn = map[string][]string{
	"github.com/HdrHistogram":            {"shadow/throughput"},
	"github.com/google/go-cmp":           {"diff"},
	"github.com/klauspost/compress":      {"shadow/checkpoint", "shadow/kafka/journal"},
	"github.com/knadh/koanf":             {"config"},
	"github.com/VictoriaMetrics/metrics": {"shadow/metrics"},
	"github.com/alecthomas/kong":         {"cmd/parallax"},
	"github.com/getkin/kin-openapi":      {}, // tests only
	"github.com/robfig/cron":             {"reports/schedule"},
	"github.com/wneessen/go-mail":        {"reports/delivery"},
	"modernc.org/sqlite":                 {"reports/store"},
	"github.com/twmb/franz-go/pkg/kfake": {"shadow/embedded"},
	"github.com/twmb/franz-go":           {"shadow/kafka", "shadow/kafka/cluster", "shadow/kafka/limits", "shadow/embedded", "shadow/bench", "shadow/bench/plainloop", "shadow/produce", "shadow/topics"},
}

// goFiles parses every Go file of the repository.
func goFiles(t *testing.T, visit func(dir, path string, f *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "build") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(filepath.Dir(path)), path, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPackagesImportWhatTheHouseAllows(t *testing.T) {
	goFiles(t, func(dir, path string, f *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		allowed, known := mayImport[dir]
		if !known {
			t.Errorf("%s: package %s is not in the rules: say what it may import", path, dir)
			return
		}
		for _, spec := range f.Imports {
			name := strings.Trim(spec.Path.Value, `"`)
			if own, ok := strings.CutPrefix(name, "parallax/"); ok && !allows(allowed, own) {
				t.Errorf("%s: %s may not import %s", path, dir, own)
			}
			for library, dirs := range onlyIn {
				if (name == library || strings.HasPrefix(name, library+"/")) && !slices.Contains(dirs, dir) {
					t.Errorf("%s: only %s may import %s", path, strings.Join(dirs, ", "), library)
				}
			}
		}
	})
}

// aboveTheRunner are the packages below shadow that use the Runner. All others are its
// rooms: it uses them.
var aboveTheRunner = []string{"shadow/bench", "shadow/demo", "shadow/job", "shadow/replay"}

// TestTheRoomsOfShadowDoNotImportIt holds the table above to one direction inside shadow.
func TestTheRoomsOfShadowDoNotImportIt(t *testing.T) {
	for dir, allowed := range mayImport {
		isRoom := strings.HasPrefix(dir, "shadow/") && !slices.Contains(aboveTheRunner, dir)
		if isRoom && (allows(allowed, "shadow") || slices.ContainsFunc(aboveTheRunner, func(above string) bool { return allows(allowed, above) })) {
			t.Errorf("%s may import shadow or what is above it, and is a room of it", dir)
		}
	}
}

func allows(allowed []string, name string) bool {
	for _, a := range allowed {
		if a == "..." || a == name {
			return true
		}
		if below, ok := strings.CutSuffix(a, "/..."); ok && strings.HasPrefix(name, below+"/") {
			return true
		}
	}
	return false
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	documented := map[string]bool{}
	goFiles(t, func(dir, path string, f *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		documented[dir] = documented[dir] || f.Doc != nil && len(f.Doc.Text()) > 40
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no comment that says what it is for", dir)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("docs/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(append(documents, more...), "README.md", "CHANGELOG.md", "examples/README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s: link to %s: %v", path, m[1], err)
			}
		}
	}
}
