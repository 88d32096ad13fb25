package config_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parallax/config"
	"parallax/diff"
)

func TestAFileOfRulesIsReadAsItIsWritten(t *testing.T) {
	rules := []diff.Rule{
		{Topic: "out", Column: "total", Absolute: 0.05, Owner: "us", Reason: "sums: \"of\" parts #3", Expires: "2030-12-31", MaxRate: 0.5},
		{Column: "timestamp", Time: 5 * time.Millisecond, Owner: "12", Reason: "clocks", Expires: "2030-12-31", MaxRate: 1},
		{Column: "note", IgnoreCase: true, IgnoreSpace: true, Owner: "us", Reason: "case", Expires: "2030-12-31", MaxRate: 0.01},
	}
	text, err := config.RuleFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := config.LoadRules(path)
	if err != nil {
		t.Fatalf("%v of\n%s", err, text)
	}
	if d := cmp.Diff(rules, got); d != "" {
		t.Error(d)
	}
	l, err := config.Parse("job.yaml", []byte(minimal), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.AddRules(path, rules); err != nil || len(l.Job.Diff.Rules) != 3 || l.Origin["diff.rules"] != path {
		t.Errorf("%v, %+v from %s", err, l.Job.Diff.Rules, l.Origin["diff.rules"])
	}
	if err := l.AddRules(path, []diff.Rule{{Column: "a", ULP: 1}}); err == nil || len(l.Job.Diff.Rules) != 3 {
		t.Errorf("a rule without an owner: %v", err)
	}
}
