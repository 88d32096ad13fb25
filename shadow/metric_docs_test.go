package shadow_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"parallax/shadow/metrics"
)

var (
	sample   = regexp.MustCompile(`^(parallax_[a-z0-9_]+)(\{[^}]*\})? `)
	sentence = regexp.MustCompile(`^[A-Z0-9].*\.$`)
)

// A run's metrics have HELP and TYPE, once each and before their samples; and each that is
// described is there.
func TestEachMetricHasHelpAndType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := job(newInput(4), &output{}, &path{}, &path{}, config())
		j.Metrics = metrics.New()
		j.Metrics.Add(metrics.Doc{Name: "parallax_lag_records", Kind: metrics.Gauge, Help: "A lag."}, func() float64 { return 7 })
		if _, err := run(t, t.Context(), j); err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		j.Metrics.Write(&page)
		kinds := map[string]metrics.Kind{"parallax_lag_records": metrics.Gauge}
		for _, d := range metrics.Docs() {
			kinds[d.Name] = d.Kind
			if !sentence.MatchString(d.Help) {
				t.Errorf("%s: %q is no sentence", d.Name, d.Help)
			}
			if isTotal := strings.HasSuffix(d.Name, "_total"); isTotal != (d.Kind == metrics.Counter) {
				t.Errorf("%s is a %s", d.Name, d.Kind)
			}
		}
		begun := map[string]bool{}
		current := ""
		lines := strings.Split(strings.TrimSpace(page.String()), "\n")
		for i := 0; i < len(lines); i++ {
			if name, ok := strings.CutPrefix(lines[i], "# HELP "); ok {
				current, _, _ = strings.Cut(name, " ")
				if begun[current] {
					t.Errorf("%s is described twice", current)
				}
				begun[current] = true
				i++
				if want := "# TYPE " + current + " " + string(kinds[current]); lines[i] != want {
					t.Errorf("%q follows the HELP, want %q", lines[i], want)
				}
				continue
			}
			m := sample.FindStringSubmatch(lines[i])
			if m == nil {
				t.Fatalf("no sample: %q", lines[i])
			}
			name := m[1]
			if kinds[current] == metrics.Histogram {
				name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
			}
			if name != current {
				t.Errorf("%s has no HELP before it", m[1])
			}
		}
		for name := range kinds {
			if !begun[name] {
				t.Errorf("%s is described, and the run has no such metric", name)
			}
		}
	})
}
