package stage_test

import (
	"testing"

	"parallax/shadow/stage"
)

func TestAStageIsReadAsItIsWritten(t *testing.T) {
	for _, text := range []string{"shadow", "canary:1", "canary:0.5", "canary:25", "promoted", "done"} {
		s, err := stage.Parse(text)
		if err != nil || s.String() != text {
			t.Errorf("%s: %v, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "Shadow", "canary", "canary:", "canary:0", "canary:100", "canary:-1", "canary:NaN", "canary:x", "shadow:5", "promoted:1"} {
		if s, err := stage.Parse(text); err == nil {
			t.Errorf("%q is read as %v", text, s)
		}
	}
}

func TestStagesAreInTheOrderOfAMigration(t *testing.T) {
	order := []string{"shadow", "canary:1", "canary:5", "promoted", "done"}
	for i, a := range order {
		for j, b := range order {
			one, _ := stage.Parse(a)
			other, _ := stage.Parse(b)
			if got, want := one.IsBefore(other), i < j; got != want {
				t.Errorf("%s before %s: %v, want %v", a, b, got, want)
			}
		}
	}
}
