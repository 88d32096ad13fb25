package resourcetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
)

var deployer = resource.Actor{Name: "ana", Role: resource.Deploy}

func TestTheJobsAreTheSameInEveryRun(t *testing.T) {
	one, other := resourcetest.New(), resourcetest.New()
	jobs, err := one.Jobs(t.Context())
	if err != nil || len(jobs) != 6 {
		t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	for _, j := range jobs {
		a, _ := one.Details(t.Context(), j.Job)
		b, _ := other.Details(t.Context(), j.Job)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s differs", j.Job)
		}
		if _, err := json.Marshal(a); err != nil {
			t.Error(err)
		}
	}
}

func TestTheGateRefusesAndForceWantsAReason(t *testing.T) {
	s := resourcetest.New()
	var problem *resource.Problem
	if _, err := s.SetStage(t.Context(), deployer, "orders", resource.StageRequest{To: "next"}); !errors.As(err, &problem) || problem.Status != 409 || len(problem.Missing) == 0 {
		t.Errorf("next: %v", err)
	}
	if _, err := s.SetStage(t.Context(), deployer, "orders", resource.StageRequest{To: "next", Force: true}); !errors.As(err, &problem) || problem.Status != 400 {
		t.Errorf("force without a reason: %v", err)
	}
	st, err := s.SetStage(t.Context(), deployer, "orders", resource.StageRequest{To: "next", Force: true, Reason: "we know"})
	if err != nil || st.Stage.String() != "canary:25" {
		t.Errorf("force: %v, %v", st.Stage, err)
	}
	if st, err = s.SetStage(t.Context(), deployer, "orders", resource.StageRequest{To: "back"}); err != nil || st.Stage.String() != "shadow" {
		t.Errorf("back: %v, %v", st.Stage, err)
	}
	a, err := s.Audit(t.Context(), "orders", "", 2)
	if err != nil || len(a.Items) != 2 || a.Next == "" || a.Items[1].Reason != "we know" {
		t.Errorf("audit: %+v, %v", a, err)
	}
}

func TestAcceptingAllSignaturesMakesTheVerdictPass(t *testing.T) {
	s := resourcetest.New()
	list, _ := s.Signatures(t.Context(), "trades-by-symbol")
	for _, g := range list {
		var r resource.AcceptRequest
		r.Signature, r.Owner, r.Reason, r.Expires, r.MaxCount = g.ID, "ana", "wanted", "2027-01-31", 100_000
		if e, err := s.Accept(t.Context(), deployer, "trades-by-symbol", r, true); err != nil || e.IsAdopted {
			t.Fatalf("dry run: %+v, %v", e, err)
		}
		if e, err := s.Accept(t.Context(), deployer, "trades-by-symbol", r, false); err != nil || !e.IsAdopted {
			t.Fatalf("%+v, %v", e, err)
		}
	}
	if v, _ := s.Verdict(t.Context(), "trades-by-symbol"); v.Verdict != "pass" {
		t.Errorf("the verdict is %s", v.Verdict)
	}
}

func TestEventsAreRepeatedForAReaderThatReturns(t *testing.T) {
	s := resourcetest.New()
	ctx, end := context.WithCancel(t.Context())
	c, err := s.Events(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Publish("job", "orders", "")
	s.Publish("divergence", "orders", "a new signature")
	if e := <-c; e.ID != "1" {
		t.Errorf("%+v", e)
	}
	end()
	again, _ := s.Events(t.Context(), "1")
	if e := <-again; e.ID != "2" || e.Text == "" {
		t.Errorf("%+v", e)
	}
	if unknown, _ := s.Events(t.Context(), "900"); (<-unknown).Kind != "resync" {
		t.Error("an unknown event is no resync")
	}
}

func TestAReaderThatIsTooSlowHasToReadEverythingAgain(t *testing.T) {
	s := resourcetest.New()
	c, _ := s.Events(t.Context(), "")
	for range 200 {
		s.Publish("job", "orders", "")
	}
	var last resource.Event
	for e := range c {
		last = e
	}
	if last.Kind != "resync" || s.Readers() != 0 {
		t.Errorf("%+v, %d readers", last, s.Readers())
	}
}
