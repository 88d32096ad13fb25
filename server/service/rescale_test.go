package service_test

import (
	"testing"

	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/server/service"
)

// The topic is quiet: all that it has was read before.
func TestARescaledJobShowsTheV2ThatRuns(t *testing.T) {
	b := newBroker(t)
	b.fill("a", 0, 200)
	s := newSite(t, service.Options{}, jobs.Options{})
	s.put("a", b.jobFile("a"))
	s.until("all is read", func() bool { j := s.job("a"); return j.Records == 200 && j.State == resource.Running })
	answer := must[resource.Job](t)(s.Rescale(t.Context(), ann, "a", 5))
	if now := s.job("a"); answer.V2 != "v2:5" || now.V2 != "v2:5" || now.Restarts != 0 {
		t.Errorf("the answer has %q, and the job %q", answer.V2, now.V2)
	}
	must[resource.Job](t)(s.Rescale(t.Context(), ann, "a", 3))
	audit := must[resource.Page[resource.AuditEntry]](t)(s.Audit(t.Context(), "a", "", 1))
	if len(audit.Items) != 1 || audit.Items[0].Before != "v2:5" {
		t.Errorf("the audit says %+v", audit.Items)
	}
}
