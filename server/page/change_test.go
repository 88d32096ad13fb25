package page_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
)

func TestGoingForwardWantsAConfirmationAndAReason(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	b.want("/jobs/fees/stage?to=next", "Take fees to promoted", `<label for="reason">`, "Consumers get V2&#39;s rows.")
	status, to := b.post("/jobs/fees/stage", "to", "next", "reason", "the plan")
	if status != http.StatusSeeOther || to != "/jobs/fees?did=stage" {
		t.Fatalf("%d, %s", status, to)
	}
	b.want(to, "fees is in promoted now.", "Now: promoted")
	b.want("/jobs/fees/audit", "the plan", "canary:25 → promoted")
}

func TestARefusalOfTheGateIsShownOnTheForm(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	status, text := b.post("/jobs/orders/stage", "to", "next", "reason", "now")
	if status != http.StatusConflict || !strings.Contains(text, "Refused by the gate") || !strings.Contains(text, "1,412 more units") || !strings.Contains(text, `name="force"`) {
		t.Fatalf("%d: %s", status, text)
	}
	if status, to := b.post("/jobs/orders/stage", "to", "next", "reason", "we know", "force", "yes"); status != http.StatusSeeOther {
		t.Fatalf("force: %d, %s", status, to)
	}
	b.want("/jobs/orders", "Now: canary:25", `<span class="chip fail">forced</span>`)
}

func TestWhatARoleMayNotDoIsRefusedAndNotOffered(t *testing.T) {
	for _, c := range []struct {
		role   resource.Role
		path   string
		form   []string
		status int
	}{
		{resource.View, "/jobs/orders/stage", []string{"to", "back", "reason", "x"}, http.StatusForbidden},
		{resource.View, "/jobs/orders/do/pause", nil, http.StatusForbidden},
		{resource.View, "/jobs/trades-by-symbol/explain", []string{"signature", "8f9717a99f45"}, http.StatusForbidden},
		{resource.View, "/deploy", []string{"file", "job: a"}, http.StatusForbidden},
		{resource.Operate, "/jobs/fees/stage", []string{"to", "next", "reason", "x"}, http.StatusForbidden},
		{resource.Operate, "/jobs/settlements/stage", []string{"to", "release", "reason", "x"}, http.StatusForbidden},
		{resource.Operate, "/jobs/orders/stage", []string{"to", "promoted", "reason", "x", "force", "yes"}, http.StatusForbidden},
		{resource.Operate, "/jobs/orders/stage", []string{"to", "back", "reason", "x"}, http.StatusSeeOther},
		{resource.Operate, "/jobs/orders/do/remove", nil, http.StatusForbidden},
		{resource.Operate, "/jobs/orders/do/pause", nil, http.StatusSeeOther},
		{resource.Operate, "/deploy", []string{"file", "job: a", "confirmed", "yes"}, http.StatusForbidden},
		{resource.Operate, "/jobs/trades-by-symbol/rules/new", rule("confirmed", "yes"), http.StatusForbidden},
		{resource.Operate, "/jobs/trades-by-symbol/rules/new", rule(), http.StatusOK},
	} {
		if status, text := open(t, resourcetest.New(), c.role).post(c.path, c.form...); status != c.status {
			t.Errorf("%s %s %v: %d, want %d: %s", c.role, c.path, c.form, status, c.status, text)
		}
	}
	viewer := open(t, resourcetest.New(), resource.View)
	for _, path := range []string{"/", "/jobs/orders", "/jobs/trades-by-symbol/differences/8f9717a99f45", "/jobs/trades-by-symbol/rules", "/jobs/trades-by-symbol/columns"} {
		text := viewer.want(path)
		for _, offer := range []string{"/stage?to=", "/do/", "/rules/new", "/accept\"", "Explain it"} {
			if strings.Contains(text, offer) {
				t.Errorf("%s offers %s to the role view", path, offer)
			}
		}
	}
}

// rule is the form of a rule for the column AVERAGE.
func rule(more ...string) []string {
	return append([]string{
		"topic", "volumes-by-minute", "column", "AVERAGE", "tolerance", "ulp", "amount", "8", "reason", "sums in another order", "owner", "ana", "expires", "2026-12-31", "max_rate", "0.001",
	}, more...)
}

func TestARuleIsShownWithItsEffectBeforeItIsInForce(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	status, text := b.post("/jobs/trades-by-symbol/rules/new", rule()...)
	if status != http.StatusOK || !strings.Contains(text, "<strong>1</strong> of 9 stored samples") || !strings.Contains(text, "c0142c1f4988") || !strings.Contains(text, "Put the rule in force") {
		t.Fatalf("%d: %s", status, text)
	}
	if rules, _ := b.service.Rules(t.Context(), "trades-by-symbol"); len(rules.Rules) != 2 {
		t.Fatalf("the dry run added a rule: %d", len(rules.Rules))
	}
	if status, to := b.post("/jobs/trades-by-symbol/rules/new", rule("confirmed", "yes")...); status != http.StatusSeeOther || to != "/jobs/trades-by-symbol/rules?did=rule" {
		t.Fatalf("%d, %s", status, to)
	}
	b.want("/jobs/trades-by-symbol/rules?did=rule", "The rule is in force.", "volumes-by-minute.AVERAGE: within 8 units in the last place")
	b.want("/jobs/trades-by-symbol/differences", "tolerated")
}

func TestARuleThatIsNotCompleteSaysWhatIsMissing(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	for _, c := range [][3]string{
		{"amount", "much", "is not a number"},
		{"tolerance", "all", "Choose what the rule tolerates"},
		{"reason", "", "Reason: missing"},
		{"expires", "soon", "is not a date"},
	} {
		if status, text := b.post("/jobs/trades-by-symbol/rules/new", rule(c[0], c[1])...); status != http.StatusUnprocessableEntity || !strings.Contains(text, c[2]) {
			t.Errorf("%s=%q: %d, no %q", c[0], c[1], status, c[2])
		}
	}
}

func TestADifferenceIsAcceptedAfterItsEffectWasShown(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	form := []string{"reason", "agreed", "owner", "ana", "expires", "2027-01-31", "max_count", "100000"}
	at := "/jobs/trades-by-symbol/differences/8f9717a99f45"
	if status, text := b.post(at+"/accept", form...); status != http.StatusOK || !strings.Contains(text, "<strong>6</strong> of 9 stored samples") {
		t.Fatalf("%d: %s", status, text)
	}
	if status, to := b.post(at+"/accept", append(form, "confirmed", "yes")...); status != http.StatusSeeOther || to != at+"?did=accept" {
		t.Fatalf("%d, %s", status, to)
	}
	b.want(at+"?did=accept", "The signature is accepted.", `<span class="chip plain">accepted</span>`)
}

func TestADifferenceIsExplained(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Operate)
	status, to := b.post("/jobs/trades-by-symbol/explain", "signature", "8f9717a99f45")
	if status != http.StatusSeeOther {
		t.Fatalf("%d, %s", status, to)
	}
	b.want(to, "The oracle agrees with V1: V2 is wrong.")
	b.want("/jobs/trades-by-symbol/differences/8f9717a99f45", `<a href="`+to+`">See its explanation</a>`)
}

func TestAJobFileIsCheckedBeforeItIsDeployed(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	if status, text := b.post("/deploy", "file", "sql: x"); status != http.StatusUnprocessableEntity || !strings.Contains(text, "no line such as job: orders") {
		t.Errorf("without a name: %d: %s", status, text)
	}
	status, text := b.post("/deploy", "file", "job: payments\r\nsql: x")
	if status != http.StatusOK || !strings.Contains(text, "Deploy payments") || !strings.Contains(text, "job: payments\nsql: x</textarea>") {
		t.Fatalf("%d: %s", status, text)
	}
	if _, err := b.service.Job(t.Context(), "payments"); err == nil {
		t.Error("the check deployed the job")
	}
	if status, to := b.post("/deploy", "file", "job: payments\nsql: x", "confirmed", "yes"); status != http.StatusSeeOther || to != "/jobs/payments?did=deploy" {
		t.Fatalf("%d, %s", status, to)
	}
	b.want("/jobs/payments?did=deploy", "payments is deployed.", "starting")
}

func TestAnActionIsConfirmed(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	b.want("/jobs/orders/do/pause", "keeps its state and its place")
	if status, to := b.post("/jobs/orders/do/pause"); status != http.StatusSeeOther || to != "/jobs/orders?did=pause" {
		t.Fatalf("%d, %s", status, to)
	}
	b.want("/jobs/orders", ">paused</span>", "Resume")
	if status, text := b.post("/jobs/orders/do/pause"); status != http.StatusConflict || !strings.Contains(text, "The job orders is paused.") {
		t.Errorf("again: %d: %s", status, text)
	}
	if status, to := b.post("/jobs/orders/do/remove"); status != http.StatusSeeOther || to != "/?did=remove" {
		t.Errorf("%d, %s", status, to)
	}
}

func TestAFormOfAnotherSiteIsRefused(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/jobs/orders/do/stop", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, _ := b.do(r); status != http.StatusForbidden {
		t.Errorf("%d", status)
	}
	if j, _ := b.service.Job(t.Context(), "orders"); j.State != resource.Running {
		t.Errorf("orders is %s", j.State)
	}
}

func TestAUserSignsInAndComesBack(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	b.loggedIn = false
	status, to := b.get("/jobs/orders/stage?to=next")
	if status != http.StatusSeeOther || to != "/login?to=%2Fjobs%2Forders%2Fstage%3Fto%3Dnext" {
		t.Fatalf("%d, %s", status, to)
	}
	b.want("/login?to=/jobs/orders", `<input type="hidden" name="to" value="/jobs/orders">`)
	if status, text := b.post("/login", "token", "bad", "to", "/jobs/orders"); status != http.StatusUnauthorized || !strings.Contains(text, "Token not known") || strings.Contains(text, "bad") {
		t.Fatalf("%d: %s", status, text)
	}
	if status, to := b.post("/login", "token", " good ", "to", "/jobs/orders"); status != http.StatusSeeOther || to != "/jobs/orders" {
		t.Fatalf("%d, %s", status, to)
	}
	if status, to := b.post("/logout"); status != http.StatusSeeOther || to != "/login" || b.loggedIn {
		t.Errorf("%d, %s", status, to)
	}
}

func TestSigningInLeadsToThisServerOnly(t *testing.T) {
	for _, to := range []string{"https://example.com/", "//example.com/", `/\example.com`, "javascript:alert(1)", "/%0d%0aSet-Cookie:x\r\n", ""} {
		b := open(t, resourcetest.New(), resource.View)
		if status, got := b.post("/login", "token", "good", "to", to); status != http.StatusSeeOther || got != "/" {
			t.Errorf("%q leads to %q", to, got)
		}
	}
}
