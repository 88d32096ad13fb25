package migration_test

import (
	"strings"
	"testing"
	"time"

	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

func plan(t testing.TB, steps ...string) migration.Plan {
	t.Helper()
	var p migration.Plan
	for _, text := range steps {
		var s migration.Step
		if err := s.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		p = append(p, s)
	}
	return p
}

func stageOf(t testing.TB, text string) stage.Stage {
	t.Helper()
	s, err := stage.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAStepIsReadAsItIsWritten(t *testing.T) {
	for text, want := range map[string]time.Duration{"canary:1 10m": 10 * time.Minute, "promoted 24h": 24 * time.Hour, "canary:0.5 1h30m": 90 * time.Minute, "canary:5 90s": 90 * time.Second, "done": 0} {
		var s migration.Step
		if err := s.UnmarshalText([]byte(text)); err != nil || s.MinTime != want {
			t.Errorf("%s: %v, %v", text, s.MinTime, err)
		}
		if text != "canary:5 90s" && s.String() != text {
			t.Errorf("%s is written as %s", text, s)
		}
	}
	for text, want := range map[string]string{
		"": "is not a step", "canary:5 1h 2h": "is not a step", "canary:5 1": "invalid duration", "canary:5 -1h": "invalid duration",
		"canary": "is not a stage", "canary:0 1h": "above 0",
	} {
		var s migration.Step
		if err := s.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestAConfigurationThatCannotBeFollowedIsRefused(t *testing.T) {
	if err := migration.DefaultConfig().Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*migration.Config){
		"migration.plan: it has no step": func(c *migration.Config) { c.Plan = nil },
		"migration.plan: canary:5 does not come after canary:25": func(c *migration.Config) {
			c.Plan = plan(t, "canary:25 1h", "canary:5 1h")
		},
		"migration.plan: promoted does not come after promoted": func(c *migration.Config) { c.Plan = plan(t, "promoted", "promoted") },
		"migration.plan: done has no least time":                func(c *migration.Config) { c.Plan = plan(t, "promoted", "done 1h") },
		"migration.stage: a job cannot begin in done":           func(c *migration.Config) { c.Stage.Kind = stage.Done },
		"migration.min_rows: -1":                                func(c *migration.Config) { c.MinRows = -1 },
		"migration.patience: 0s":                                func(c *migration.Config) { c.Patience = 0 },
		"migration.rollback.max_fallbacks: -1":                  func(c *migration.Config) { c.Rollback.MaxFallbacks = -1 },
		"migration.rollback.cooldown: -1s":                      func(c *migration.Config) { c.Rollback.Cooldown = -time.Second },
	} {
		c := migration.DefaultConfig()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestAStageHasAPositionInThePlan(t *testing.T) {
	p := migration.DefaultConfig().Plan
	for text, want := range map[string][2]int{"shadow": {0, 4}, "canary:5": {2, 4}, "promoted": {4, 4}, "done": {0, 4}, "canary:10": {0, 4}} {
		n, of := p.Position(stageOf(t, text))
		if got := [2]int{n, of}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]string{"shadow": "canary:1", "canary:1": "canary:5", "canary:10": "canary:25", "promoted": "done"} {
		if i := p.After(stageOf(t, text)); i < 0 || p[i].Stage.String() != want {
			t.Errorf("after %s: %d, want %s", text, i, want)
		}
	}
	if i := p.After(stageOf(t, "done")); i != -1 {
		t.Errorf("%d comes after done", i)
	}
}
