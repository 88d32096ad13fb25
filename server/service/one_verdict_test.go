package service_test

import (
	"strings"
	"testing"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/server/service"
)

// TestAnAcceptanceIsInForceForAPausedJob: the verdict on its evidence changes with it.
func TestAnAcceptanceIsInForceForAPausedJob(t *testing.T) {
	b := newBroker(t)
	b.fill("a", 0, 300)
	s := newSite(t, service.Options{BuildV2: wrong}, jobs.Options{})
	s.put("a", b.jobFile("a"))
	s.until("a fails", func() bool { return s.job("a").Verdict == "fail" && s.job("a").Roots == 37 })
	must[resource.Job](t)(s.Do(t.Context(), ann, "a", resource.Pause))
	s.until("it is paused", func() bool { return s.job("a").State == resource.Paused })
	if v := must[verdict.Document](t)(s.Verdict(t.Context(), "a")); v.Verdict != gate.Fail {
		t.Errorf("paused it is %s: %s", v.Verdict, v.Reason)
	}
	id := must[[]resource.Signature](t)(s.Signatures(t.Context(), "a"))[0].ID
	all := gate.Acceptance{Signature: id, Owner: "us", Reason: "intended", Expires: "2999-01-01", MaxCount: 1000}
	must[resource.RuleEffect](t)(s.Accept(t.Context(), ann, "a", resource.AcceptRequest{Acceptance: all}, false))
	if v := must[verdict.Document](t)(s.Verdict(t.Context(), "a")); v.Verdict == gate.Fail {
		t.Errorf("accepted it is %s: %s", v.Verdict, v.Reason)
	}
}

// TestADryRunJudgesAsTheGateDoes: the evidence of a paused job whose file names another V2 now proves
// nothing of that one, and neither does it with another acceptance or rule.
func TestADryRunJudgesAsTheGateDoes(t *testing.T) {
	b := newBroker(t)
	b.fill("a", 0, 400)
	s := newSite(t, service.Options{}, jobs.Options{})
	s.put("a", b.jobFile("a"))
	s.until("it passes", func() bool { return s.job("a").Verdict == "pass" && s.job("a").Records == 400 })
	acceptance := gate.Acceptance{Signature: "00aa11bb22cc", Owner: "us", Reason: "intended", Expires: "2999-01-01", MaxCount: 10}
	judged := func() (the, withAcceptance, withRule string) {
		t.Helper()
		d := must[verdict.Document](t)(s.Verdict(t.Context(), "a"))
		accept := must[resource.RuleEffect](t)(s.Accept(t.Context(), ann, "a", resource.AcceptRequest{Acceptance: acceptance}, true))
		rule := diff.Rule{Column: "y", Absolute: 1, Owner: "us", Reason: "rounding", Expires: "2999-01-01", MaxRate: 1}
		adopt := must[resource.RuleEffect](t)(s.ProposeRule(t.Context(), ann, "a", resource.RuleRequest{Rule: rule}, true))
		return string(d.Verdict), accept.Verdict, adopt.Verdict
	}
	if the, accepted, ruled := judged(); the != "pass" || accepted != "pass" || ruled != "pass" {
		t.Errorf("it is %s, with an acceptance %s, with a rule %s", the, accepted, ruled)
	}
	must[resource.Job](t)(s.Do(t.Context(), ann, "a", resource.Pause))
	s.until("it is paused", func() bool { return s.job("a").State == resource.Paused })
	s.put("a", strings.Replace(b.jobFile("a"), "v2:2", "v2:3", 1))
	s.until("the page has the verdict", func() bool { return s.job("a").Verdict == "inconclusive" })
	if the, accepted, ruled := judged(); the != "inconclusive" || accepted != "inconclusive" || ruled != "inconclusive" {
		t.Errorf("with another V2 it is %s, with an acceptance %s, with a rule %s", the, accepted, ruled)
	}
}
