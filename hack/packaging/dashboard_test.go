package packaging

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// board is what the checks need of a dashboard.
type board struct {
	UID, Title  string
	Annotations struct {
		List []struct{ Name, Expr string }
	}
	Templating struct {
		List []struct {
			Name  string
			Query json.RawMessage
		}
	}
	Panels []struct {
		ID          int
		Type, Title string
		GridPos     struct{ X, Y, W, H int }
		Datasource  struct{ UID string }
		Targets     []struct{ RefID, Expr, LegendFormat string }
	}
}

func readBoard(t *testing.T) (b board, text []byte) {
	t.Helper()
	text, err := os.ReadFile(folder + "grafana/parallax.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	return b, text
}

// strict decodes a dashboard into Grafana's own types, and returns what does not fit them.
func strict(text []byte) cog.BuildErrors {
	var d dashboard.Dashboard
	err := d.UnmarshalJSONStrict(text)
	if errs, ok := err.(cog.BuildErrors); ok {
		return errs // the decoder returns an empty list for nothing
	}
	return cog.MakeBuildErrors("dashboard", err)
}

func TestTheDashboardIsOfGrafanasTypes(t *testing.T) {
	_, text := readBoard(t)
	for _, err := range strict(text) {
		t.Error(err)
	}
	broken := bytes.Replace(text, []byte(`"gridPos"`), []byte(`"gridPosition"`), 1)
	if errs := strict(broken); len(errs) == 0 {
		t.Error("a field that Grafana does not know is not noticed")
	}
}

var variable = regexp.MustCompile(`\$(\w+)|\$\{(\w+)\}`)

// asGrafana puts values in the place of Grafana's variables.
func asGrafana(query string) string {
	return strings.NewReplacer("$__rate_interval", "5m", "$job", ".*", "$instance", ".*").Replace(query)
}

func TestTheDashboardUsesMetricsThatThereAre(t *testing.T) {
	b, text := readBoard(t)
	known := metricsOfARun(t)
	shown := map[string]bool{}
	check := func(where, query string) {
		names, wrong := checkQuery(known, asGrafana(query))
		for _, name := range names {
			shown[strings.TrimSuffix(name, "_bucket")] = true
		}
		for _, w := range wrong {
			t.Errorf("%s: %s", where, w)
		}
		if !strings.Contains(query, `job=~"$job`) || !strings.Contains(query, `instance=~"$instance"`) {
			t.Errorf("%s: the query does not choose by job and instance: %s", where, query)
		}
	}
	for _, a := range b.Annotations.List {
		check(a.Name, a.Expr)
	}
	for _, p := range b.Panels {
		if p.Type == "row" {
			continue
		}
		if len(p.Targets) == 0 || p.Datasource.UID != "${datasource}" {
			t.Errorf("%s: %d queries, data source %q", p.Title, len(p.Targets), p.Datasource.UID)
		}
		for _, target := range p.Targets {
			check(p.Title, target.Expr)
		}
	}
	var names []string
	for _, v := range b.Templating.List {
		names = append(names, v.Name)
	}
	for _, m := range variable.FindAllStringSubmatch(string(text), -1) {
		if name := m[1] + m[2]; !slices.Contains(names, name) && name != "__rate_interval" {
			t.Errorf("there is no variable %s", name)
		}
	}
	// notShown are metrics that no panel needs.
	notShown := []string{
		"up", "parallax_v1_cpu", "parallax_v2_info", "parallax_v2_partition_cpu", "parallax_v2_partition_queue_batches", "parallax_v2_partition_records_per_second",
	}
	for name := range known {
		if isShown := shown[strings.TrimSuffix(name, "_bucket")]; isShown == slices.Contains(notShown, name) {
			t.Errorf("%s: shown is %v: add a panel, or correct notShown", name, isShown)
		}
	}
}

// Panels have ids of their own, and none lies over another one.
func TestPanelsLieSideBySide(t *testing.T) {
	b, _ := readBoard(t)
	ids := map[int]bool{}
	taken := map[[2]int]string{}
	for _, p := range b.Panels {
		if ids[p.ID] || p.ID == 0 || p.Title == "" {
			t.Errorf("panel %q has id %d", p.Title, p.ID)
		}
		ids[p.ID] = true
		if p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%s is wider than the page", p.Title)
		}
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if other, ok := taken[at]; ok {
					t.Fatalf("%s lies over %s", p.Title, other)
				}
				taken[at] = p.Title
			}
		}
	}
}
