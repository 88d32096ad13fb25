package single_test

import (
	"context"
	"errors"
	"testing"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/gate"
	"parallax/server/resource"
	"parallax/server/single"
	"parallax/shadow/job"
)

// waiting is a run that is ready or not.
type waiting struct{ why error }

func (w *waiting) Run(context.Context) (*job.Result, error) { return nil, nil }
func (w *waiting) Ready() error                             { return w.why }

func host(t *testing.T) *single.Host {
	t.Helper()
	c := config.Default()
	c.Name = "orders"
	return single.New("parallax demo", &config.Loaded{Job: c, Path: "orders.yaml"}, nil)
}

func TestAJobIsShownInTheStateOfItsRun(t *testing.T) {
	h := host(t)
	state := func(want resource.State) {
		t.Helper()
		s, err := h.Job("orders")
		if err != nil || s.State != want {
			t.Errorf("%s (%s), %v; want %s", s.State, s.Reason, err, want)
		}
	}
	state(resource.Starting)
	run := &waiting{errors.New("waiting for the consumer group's assignment")}
	h.Begins(run)
	state(resource.Waiting)
	run.why = nil
	state(resource.Running)
	h.Ended(nil)
	state(resource.Stopped)
	h.Ended(errors.New("the broker is gone"))
	state(resource.Failed)
	if _, err := h.Job("fees"); err == nil {
		t.Error("there is a job fees")
	}
}

func TestWhatBelongsToTheCommandIsRefusedWithWhatToDo(t *testing.T) {
	h := host(t)
	_, put := h.Put(resource.Actor{}, "orders", nil, true)
	_, do := h.Do(resource.Actor{}, "orders", resource.Pause)
	for name, err := range map[string]error{"put": put, "do": do, "accept": h.Accept("orders", gate.Acceptance{}), "rule": h.AddRule("orders", diff.Rule{})} {
		var p *resource.Problem
		if !errors.As(err, &p) || p.Status != 409 || p.Do == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
