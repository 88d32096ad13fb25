package stages

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/server/resource"
	"parallax/shadow"
	"parallax/shadow/job"
	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

func TestProblemsHaveTheirStatusAndWhatRefused(t *testing.T) {
	for _, c := range []struct {
		err     error
		status  int
		verdict string
	}{
		{&migration.Refusal{By: migration.ByFail, Missing: []string{"m"}}, 409, "fail"},
		{&migration.Refusal{By: migration.ByInconclusive, Missing: []string{"m"}}, 409, "inconclusive"},
		{&migration.Refusal{By: migration.ByError, Missing: []string{"m"}}, 409, "error"},
		{&migration.Refusal{By: migration.ByHold, Missing: []string{"m"}}, 409, "held"},
		{&migration.Refusal{By: migration.ByRequest}, 400, ""},
		{fmt.Errorf("%w: patience", shadow.ErrStageNotReached), 504, ""},
		{job.ErrNotRunning, 409, "inconclusive"},
		{context.DeadlineExceeded, 504, ""},
	} {
		p, ok := errors.AsType[*resource.Problem](problemOf("orders", c.err))
		if !ok || p.Status != c.status || p.Verdict != c.verdict || (c.verdict != "") != (len(p.Missing) == 1) {
			t.Errorf("%v: %+v", c.err, p)
		}
	}
	if err := errors.New("a bug"); problemOf("orders", err) != err {
		t.Error("an error that a client can do nothing about becomes a problem")
	}
}

// The instance that has the topic-partitions changes the stage.
func TestAnInstanceThatIsNotActiveSaysSo(t *testing.T) {
	j := &job.Job{Name: "orders", Migration: &job.Migration{}}
	_, err := Set(t.Context(), j, resource.Actor{Name: "anna", Role: resource.Deploy}, resource.StageRequest{To: "next"})
	p, ok := errors.AsType[*resource.Problem](err)
	if !ok || p.Status != 421 || p.Do == "" {
		t.Errorf("%v", err)
	}
}

func TestAStageIsShownWithItsPlaceInThePlan(t *testing.T) {
	eta := 3 * time.Minute
	plan := migration.DefaultConfig().Plan
	p := migration.Progress{Job: "orders", Plan: plan, Level: diff.E2, Next: &migration.Next{Step: plan[2], ETA: &eta, By: migration.ByFail, Missing: []string{"1 root divergence"}}}
	p.Stage = plan[1].Stage
	s := shown(p)
	if Text(s) != "canary:5 (2/4)" || s.Emits != "V1, V2 5 % verified E2" || *s.Level != diff.E2 || len(s.Plan) != 5 || *s.Next.ETASeconds != 180 || !s.Next.IsFail {
		t.Errorf("%s %+v", Text(s), s)
	}
	for kind, want := range map[stage.Kind]string{stage.Shadow: "V1", stage.Promoted: "V2 verified E2", stage.Done: "V2"} {
		if got := migration.Emits(stage.Stage{Kind: kind}, diff.E2); got != want {
			t.Errorf("%s emits %s, want %s", kind, got, want)
		}
	}
}

func TestAJobWithoutAMigrationIsInShadowAndStaysThere(t *testing.T) {
	j := &job.Job{Name: "orders", Policy: gate.DefaultPolicy()}
	s := Of(t.Context(), j)
	if s.Stage != (stage.Stage{}) || s.Step != -1 || s.Next != nil || s.Plan == nil || s.Level != nil {
		t.Errorf("%+v", s)
	}
	if s.Emits != "nothing now: waiting for the consumer group's assignment; this is the last stage that was stored" {
		t.Errorf("a job that does not run emits %s", s.Emits)
	}
	_, err := Set(t.Context(), j, resource.Actor{Name: "ana"}, resource.StageRequest{To: resource.Next})
	if p, ok := errors.AsType[*resource.Problem](err); !ok || p.Status != 400 || p.Do == "" {
		t.Errorf("%v", err)
	}
	j.Migration = &job.Migration{Config: migration.DefaultConfig()}
	_, err = Set(t.Context(), j, resource.Actor{Name: "ana"}, resource.StageRequest{To: resource.Next})
	if p, ok := errors.AsType[*resource.Problem](err); !ok || p.Status != 421 {
		t.Errorf("%v", err)
	}
	if list, err := History(j); err != nil || list == nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}
