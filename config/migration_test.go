package config

import (
	"strings"
	"testing"

	"parallax/diff"
)

// TestAJobThatCannotBeMigratedIsRefused, with the reason and what to do, at the key that is in
// the way. The same job without the section migration is not.
func TestAJobThatCannotBeMigratedIsRefused(t *testing.T) {
	const section = "migration: {auto: true}\n"
	for _, c := range []struct{ keys, migration, want string }{
		{"split: {percent: 5}\n", section, "job.yaml:4:9: split.percent: 5 leaves V2 without the rows of the other keys"},
		{"emit: false\n", section, "job.yaml:4:1: emit: it is false"},
		{"state: off\n", section, "job.yaml:4:1: state: a migration needs checkpoints"},
		{"evidence: off\n", section, "job.yaml:4:1: evidence: a migration goes forward by the stored evidence"},
		{"diff: {require_level: E4}\n", section, "job.yaml:4:8: diff.require_level: E4 is below canary.level, E2"},
		{"diff: {require_level: E2}\n", "canary: {level: E1}\n", "job.yaml:4:8: diff.require_level: E2 is below canary.level, E1"},
		{"processors: {v2: v1}\n", section, "job.yaml:4:14: processors.v2: v1 is not a V2 that could take over"},
		{"v2: {deadline: 2s}\n", "canary: {wait: 3s}\n", "job.yaml:5:10: canary.wait: 3s is longer than v2.deadline, 2s"},
		{"", "migration: {plan: [\"canary:25 1h\", \"canary:5 1h\"]}\n", "job.yaml:4:13: migration.plan: canary:5 does not come after canary:25"},
		{"", "migration: {plan: [\"canary:25 1\"]}\n", "job.yaml:4:20: migration.plan[0]: \"canary:25 1\": invalid duration"},
		{"", "migration: {plan: []}\n", "job.yaml:4:13: migration.plan: it has no step"},
		{"", "migration: {stage: canary}\n", "job.yaml:4:20: migration.stage: \"canary\" is not a stage"},
		{"", "canary: {wait: 0s}\n", "job.yaml:4:16: canary.wait: \"0s\" must be auto, or a duration above 0"},
		{"", "canary: {level: E4}\n", "job.yaml:4:10: canary.level: E4 must be E2 or E1"},
		{"processors: {v2: off}\n", section, "job.yaml:5:13: migration.auto: has no effect, because processors.v2 is off"},
		{"", section, ""},
		{"diff: {require_level: E1}\n", "canary: {level: E1, wait: auto}\nmigration: {plan: done}\n", "migration.plan: must be a list"},
		{"split: {percent: 5}\n", "migration: {plan: [done]}\n", ""}, // nothing is emitted before it is compared
	} {
		text := usedHead + c.keys
		if _, err := Parse("job.yaml", []byte(text), nil); err != nil {
			t.Errorf("%s\n  without a migration: %v", text, err)
		}
		_, err := Parse("job.yaml", []byte(text+c.migration), nil)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s\n  %v\n  want %s", text+c.migration, err, c.want)
		}
	}
}

func TestAMigrationIsThereIfItsSectionIs(t *testing.T) {
	for keys, want := range map[string]bool{"": false, "migration: {}\n": true, "migration:\n": true, "canary: {level: E2}\n": true, "migration: {plan: [\"canary:5 1h\", done]}\n": true} {
		l, err := Parse("job.yaml", []byte(usedHead+keys), nil)
		if err != nil || l.HasMigration() != want {
			t.Errorf("%q: %v", keys, err)
		}
	}
	t.Setenv("PARALLAX_MIGRATION__AUTO", "true")
	if l, err := Parse("job.yaml", []byte(usedHead), nil); err != nil || !l.HasMigration() || !l.Job.Migration.Auto {
		t.Error(err)
	}
}

func TestAMigrationRequiresTheLevelAtWhichItCompares(t *testing.T) {
	for keys, want := range map[string]diff.Level{
		"": diff.E3, "migration: {}\n": diff.E2, "canary: {level: E1}\n": diff.E1, "migration: {}\ndiff: {require_level: E1}\n": diff.E1,
	} {
		l, err := Parse("job.yaml", []byte(usedHead+keys), nil)
		if err != nil || l.Job.Diff.RequireLevel != want {
			t.Errorf("%q: %v, want %v", keys, err, want)
		}
	}
}

func TestTheConfigurationShowsThePlanAsItIsWritten(t *testing.T) {
	l, err := Parse("job.yaml", []byte(usedHead+"migration: {plan: [\"canary:5 1h30m\", promoted, done]}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	for _, v := range l.Effective() {
		shown[v.Key] = v.Value
	}
	for key, want := range map[string]string{"migration.plan": "canary:5 1h30m, promoted, done", "migration.stage": "shadow", "canary.wait": "auto", "canary.level": "E2", "migration.rollback.cooldown": "1h0m0s"} {
		if shown[key] != want {
			t.Errorf("%s is %q, want %q", key, shown[key], want)
		}
	}
}
