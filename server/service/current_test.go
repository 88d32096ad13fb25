package service_test

import (
	"strings"
	"testing"

	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/server/service"
)

// What was compared before a job's query changed says nothing about the job as it is now.
func TestTheFiguresOfARunBeforeAreNotThoseOfANewRun(t *testing.T) {
	b := newBroker(t)
	b.fill("a", 0, 400)
	s := newSite(t, service.Options{}, jobs.Options{})
	s.put("a", b.jobFile("a"))
	s.until("it passes", func() bool { return s.job("a").Verdict == "pass" && s.job("a").Records == 400 })
	ledger := must[resource.Ledger](t)(s.Ledger(t.Context(), "a"))
	if ledger.Since == nil || ledger.Until == nil || ledger.Until.Before(*ledger.Since) {
		t.Errorf("the ledger is from %v to %v", ledger.Since, ledger.Until)
	}
	before := s.job("a").Run

	must[resource.Job](t)(s.Do(t.Context(), ann, "a", resource.Pause))
	s.until("it is paused", func() bool { return s.job("a").State == resource.Paused })
	s.put("a", strings.Replace(b.jobFile("a"), "x + 1 AS y", "x + 3 AS y", 1))
	s.until("the run before is not shown", func() bool { return s.job("a").Run == "" })
	if ledger := must[resource.Ledger](t)(s.Ledger(t.Context(), "a")); ledger.Records != 0 || ledger.Since != nil {
		t.Errorf("the ledger has %d records since %v", ledger.Records, ledger.Since)
	}
	d := must[resource.Details](t)(s.Details(t.Context(), "a"))
	if d.Job.Records != 0 || d.Identity.Run != "" || len(d.Timeline) != 0 {
		t.Errorf("the details are those of run %s: %+v", d.Identity.Run, d)
	}
	if columns := must[[]resource.Column](t)(s.Columns(t.Context(), "a")); len(columns) != 0 {
		t.Errorf("%d columns", len(columns))
	}

	must[resource.Job](t)(s.Do(t.Context(), ann, "a", resource.Resume))
	b.fill("a", 400, 500)
	s.until("the new run is shown", func() bool { j := s.job("a"); return j.Run != "" && j.Run != before && j.Records > 0 })
	if list := must[[]resource.HistoryEntry](t)(s.History(t.Context(), "a")); len(list) == 0 {
		t.Error("the verdicts of the run before are gone")
	}
}
