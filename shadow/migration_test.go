package shadow_test

import (
	"errors"
	"testing"

	"parallax/shadow"
	"parallax/shadow/stage"
)

func TestAChangeOfStageThatIsRefusedLeavesTheStage(t *testing.T) {
	runner, err := shadow.New(shadow.Job{Config: config(), Stage: stage.Status{Strikes: 2}})
	if err != nil {
		t.Fatal(err)
	}
	err = runner.SetStage(t.Context(), stage.Change{To: stage.Stage{Kind: stage.Canary, Percent: 5}})
	if !errors.Is(err, shadow.ErrStageNotReached) {
		t.Errorf("the error is %v", err)
	}
	if s := runner.Stage(); s.Stage.Kind != stage.Shadow || s.Strikes != 2 {
		t.Errorf("the stage is %+v", s)
	}
}
