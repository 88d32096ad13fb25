package packaging

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
	"go.yaml.in/yaml/v2"
)

const alertsFile = folder + "prometheus/alerts.yml"

var promql = parser.NewParser(parser.Options{})

// alertRules parses the rules as Prometheus does.
func alertRules(t *testing.T) []rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.ParseFile(alertsFile, false, model.UTF8Validation, promql, promslog.NewNopLogger())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var all []rulefmt.Rule
	for _, g := range groups.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

// suite is a file of unit tests in promtool's format.
type suite struct {
	Files    []string       `yaml:"rule_files"`
	Interval model.Duration `yaml:"evaluation_interval"`
	Tests    []struct {
		Name     string
		Interval model.Duration
		Series   []struct{ Series, Values string } `yaml:"input_series"`
		Alerts   []alertTest                       `yaml:"alert_rule_test"`
	}
}

// alertTest is a time, and the alerts of a name that fire then.
type alertTest struct {
	Name   string         `yaml:"alertname"`
	At     model.Duration `yaml:"eval_time"`
	Expect []struct {
		Labels      map[string]string `yaml:"exp_labels"`
		Annotations map[string]string `yaml:"exp_annotations"`
	} `yaml:"exp_alerts"`
}

// wants lists the alerts that have to fire, in an order of their own.
func (a alertTest) wants() (list []string) {
	for _, e := range a.Expect {
		e.Labels["alertname"] = a.Name
		list = append(list, show(labels.FromMap(e.Labels), labels.FromMap(e.Annotations)))
	}
	slices.Sort(list)
	return list
}

func show(l, annotations labels.Labels) string { return fmt.Sprintf("%s %s", l, annotations) }

func readSuite(t *testing.T) suite {
	t.Helper()
	text, err := os.ReadFile(folder + "prometheus/alerts_test.yml")
	if err != nil {
		t.Fatal(err)
	}
	var s suite
	if err := yaml.UnmarshalStrict(text, &s); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Files, []string{filepath.Base(alertsFile)}) {
		t.Fatalf("the tests are of %v", s.Files)
	}
	return s
}

// Each rule is evaluated step by step, so that `for` counts too.
func TestAlertsFireWhenTheyShould(t *testing.T) {
	suite := readSuite(t)
	for _, test := range suite.Tests {
		t.Run(test.Name, func(t *testing.T) {
			var load strings.Builder
			fmt.Fprintf(&load, "load %s\n", test.Interval)
			for _, s := range test.Series {
				fmt.Fprintf(&load, "  %s %s\n", s.Series, s.Values)
			}
			db := promqltest.LoadedStorage(t, load.String())
			t.Cleanup(func() { _ = db.Close() })
			engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
			m := rules.NewManager(&rules.ManagerOptions{
				QueryFunc: rules.EngineQueryFunc(engine, db), AppendableV2: db, Context: t.Context(),
				NotifyFunc: func(context.Context, string, ...*rules.Alert) {}, Logger: promslog.NewNopLogger(), Parser: promql,
			})
			groups, errs := m.LoadGroups(time.Duration(suite.Interval), labels.EmptyLabels(), "", nil, false, alertsFile)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			step := time.Duration(suite.Interval)
			fires := map[model.Duration]map[string][]string{} // time, alert
			last := slices.MaxFunc(test.Alerts, func(a, b alertTest) int { return int(a.At - b.At) }).At
			for at := time.Duration(0); at <= time.Duration(last); at += step {
				fires[model.Duration(at)] = map[string][]string{}
				for _, g := range groups {
					g.Eval(t.Context(), time.Unix(0, 0).Add(at).UTC())
					for _, rule := range g.Rules() {
						if err := rule.LastError(); err != nil {
							t.Fatalf("%s: %v", rule.Name(), err)
						}
						fires[model.Duration(at)][rule.Name()] = firing(rule.(*rules.AlertingRule))
					}
				}
			}
			for _, a := range test.Alerts {
				have, ok := fires[a.At]
				if !ok {
					t.Fatalf("%s is not a time at which rules are evaluated", a.At)
				}
				if want := a.wants(); !slices.Equal(have[a.Name], want) {
					t.Errorf("%s at %s:\n have %s\n want %s", a.Name, a.At, strings.Join(have[a.Name], "\n      "), strings.Join(want, "\n      "))
				}
			}
		})
	}
}

func firing(rule *rules.AlertingRule) (list []string) {
	for _, a := range rule.ActiveAlerts() {
		if a.State == rules.StateFiring {
			list = append(list, show(a.Labels, a.Annotations))
		}
	}
	slices.Sort(list)
	return list
}

// Each alert has a time at which it fires and one at which it does not, in the tests.
func TestEachAlertIsTested(t *testing.T) {
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, test := range readSuite(t).Tests {
		for _, a := range test.Alerts {
			if len(a.Expect) > 0 {
				fires[a.Name] = true
			} else {
				silent[a.Name] = true
			}
		}
	}
	names := map[string]bool{}
	for _, r := range alertRules(t) {
		if names[r.Alert] {
			t.Errorf("%s is there twice", r.Alert)
		}
		names[r.Alert] = true
	}
	for _, tested := range []map[string]bool{fires, silent} {
		if !maps.Equal(names, tested) {
			t.Errorf("the alerts are %v, tested are %v", slices.Sorted(maps.Keys(names)), slices.Sorted(maps.Keys(tested)))
		}
	}
}

// Each alert says how bad it is, what it is about and where the runbook is; the runbook has a section for each alert,
// and no section for an alert that is not there.
func TestEachAlertHasItsSectionInTheRunbook(t *testing.T) {
	page, err := os.ReadFile("../../docs/RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "### Parallax"); ok {
			sections["Parallax"+name] = true
		}
	}
	for _, r := range alertRules(t) {
		if want := "docs/RUNBOOK.md#" + strings.ToLower(r.Alert); r.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url is %q, want %s", r.Alert, r.Annotations["runbook_url"], want)
		}
		if s := r.Labels["severity"]; s != "critical" && s != "warning" {
			t.Errorf("%s: severity %q", r.Alert, s)
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s: no summary or no description", r.Alert)
		}
		if !sections[r.Alert] {
			t.Errorf("docs/RUNBOOK.md has no section %s", r.Alert)
		}
		delete(sections, r.Alert)
	}
	for name := range sections {
		t.Errorf("docs/RUNBOOK.md has a section %s, which is no alert", name)
	}
}
