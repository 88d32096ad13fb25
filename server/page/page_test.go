package page_test

import (
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"parallax/reports/look/looktest"
	"parallax/server/access"
	"parallax/server/page"
	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
	"parallax/shadow/evidence"
)

// desk knows one token.
type desk struct {
	role     resource.Role
	loggedIn bool
}

func (d *desk) LogIn(_ http.ResponseWriter, token string) (resource.Actor, bool) {
	d.loggedIn = token == "good"
	return resource.Actor{Name: "ana", Role: d.role}, d.loggedIn
}

func (d *desk) LogOut(http.ResponseWriter, *http.Request) { d.loggedIn = false }

func (d *desk) caller() access.Caller {
	c := access.Caller{NeedsToken: true, IsKnown: d.loggedIn}
	if d.loggedIn {
		c.Actor = resource.Actor{Name: "ana", Role: d.role}
	}
	return c
}

// browser is a client of the pages that does not follow redirects.
type browser struct {
	t       *testing.T
	pages   http.Handler
	service *resourcetest.Service
	*desk
}

func open(t *testing.T, service *resourcetest.Service, role resource.Role) *browser {
	d := &desk{role, true}
	return &browser{t, page.New(page.Options{Service: service, Logins: d, Now: func() time.Time { return resourcetest.Now }, Location: time.UTC, Version: "1.2.3"}), service, d}
}

func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	return b.do(httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, path, nil))
}

func (b *browser) post(path string, pairs ...string) (int, string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// do returns the status, and the page or where it leads.
func (b *browser) do(r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	b.pages.ServeHTTP(w, r.WithContext(access.WithCaller(r.Context(), b.caller())))
	answer := w.Result()
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if to := answer.Header.Get("Location"); to != "" {
		return answer.StatusCode, to
	}
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src 'unsafe") {
		b.t.Errorf("%s has the policy %q", r.URL, policy)
	}
	return answer.StatusCode, string(text)
}

// want requests a page, and requires texts of it.
func (b *browser) want(path string, texts ...string) string {
	b.t.Helper()
	status, got := b.get(path)
	if status != http.StatusOK {
		b.t.Fatalf("%s: %d", path, status)
	}
	for _, text := range texts {
		if !strings.Contains(got, text) {
			b.t.Errorf("%s has no %q", path, text)
		}
	}
	return got
}

// mayLoad allows addresses of the same server, and the script; an address that a page leads to
// must begin with a slash.
func mayLoad(element, _, value string) bool {
	return value == "" && element == "script" || strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "//")
}

// addresses are all pages of a job.
func addresses(job string) []string {
	at := "/jobs/" + job
	return []string{
		at, at + "/differences", at + "/columns", at + "/rules", at + "/rules/new?column=A", at + "/reports", at + "/audit", at + "/config",
		at + "/stage?to=next", at + "/stage?to=back", at + "/stage?to=canary:50", at + "/stage?to=release", at + "/do/pause", at + "/do/remove",
	}
}

func TestEveryPageIsValidInEveryState(t *testing.T) {
	for _, role := range []resource.Role{resource.View, resource.Operate, resource.Deploy} {
		b := open(t, resourcetest.New(), role)
		jobs, err := b.service.Jobs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		list := []string{"/", "/deploy", "/audit", "/login", "/nowhere", "/jobs/none"}
		for _, j := range jobs {
			list = append(list, addresses(j.Job)...)
		}
		for _, s := range []string{"8f9717a99f45", "03ab55e10c12", "c0142c1f4988"} {
			at := "/jobs/trades-by-symbol/differences/" + s
			list = append(list, at, at+"/accept")
		}
		list = append(list, "/jobs/trades-by-symbol/key?topic=volumes-by-minute&key=DESK%3DSeoul%2C+SYMBOL%3DCB", "/jobs/trades-by-symbol/key?topic=x&key=y")
		for _, path := range list {
			_, text := b.get(path)
			for _, wrong := range looktest.Check([]byte(text), mayLoad) {
				t.Errorf("%s as %s: %s", path, role, wrong)
			}
			if !strings.Contains(text, "<h1") || !strings.Contains(text, `<a class="skip" href="#main">`) {
				t.Errorf("%s as %s has no heading, or no skip link", path, role)
			}
		}
	}
}

func TestAServerWithoutJobsSaysWhatToDo(t *testing.T) {
	open(t, resourcetest.Empty(), resource.Deploy).want("/", "No jobs yet", `href="/deploy"`)
}

func TestAnErrorOfTheServerIsAPage(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	b.service.Fail(errors.New("read the store: disk I/O error"))
	for _, path := range append(addresses("orders"), "/", "/audit") {
		if status, text := b.get(path); status < 400 || !strings.Contains(text, "</html>") {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, text := b.get("/"); status != http.StatusInternalServerError || !strings.Contains(text, "Read the store: disk I/O error.") {
		t.Errorf("%d: %s", status, text)
	}
}

func TestTheListShowsEachJobAndWhatNeedsAttention(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	text := b.want("/", "6 jobs: 3 running, 1 waiting, 1 paused, 1 failed", `href="/jobs/orders"`, "canary:5", "inconclusive", `<svg class="spark"`, "positions</a> failed and does not run.", "settlements</a> is held")
	if strings.Contains(text, `href="/deploy"`) {
		t.Error("a user with the role view is led to a form")
	}
}

func TestTheOverviewShowsWhereAJobIsAndWhatItNeeds(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	b.want("/jobs/orders", "Not decided yet", "1,412 more units", "Consumers get V2&#39;s rows for 5 % of the keys", `aria-current="step"`, "Go forward to canary:25…", "Go back…", "39,002,118", "orders-enriched", "co_partition", "V2&#39;s speed / V1&#39;s", "14.2 ms", "Back to an earlier stage")
	b.want("/jobs/fees", "V2 may take over.", "Nothing is missing.", `class="button primary" href="/jobs/fees/stage?to=next"`)
	if strings.Contains(b.want("/jobs/fees"), "Possible in about") {
		t.Error("a step that can be taken now has an estimate")
	}
	b.want("/jobs/orders", "step 2 of 4")
	if strings.Contains(b.want("/jobs/settlements", "The migration went back by itself 3 times", "can be released while it does"), "/stage?to=") {
		t.Error("the stage of a paused job is offered to be changed")
	}
	b.service.Update("settlements", func(j *resource.Job) { j.State = resource.Running })
	b.want("/jobs/settlements", `href="/jobs/settlements/stage?to=release"`)
	b.want("/jobs/positions", "The changed job file is not in force.", "is not a processor")
	b.want("/jobs/quotes", "No figures yet", "No row was compared yet.")
}

func TestTheLedgerSaysWhichPartOfTheRunItIsAbout(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	b.want("/jobs/trades-by-symbol", "86,400,000 input records is since", `after the newest interruption (<a href="#interruptions">V2 was away</a>)`, "The newest evidence is from")
}

func TestFiguresOfBeforeARestartAreSaidToBeOld(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	const says = "The figures are those of before."
	if strings.Contains(b.want("/jobs/fees"), says) {
		t.Error("the newest figures are said to be old")
	}
	b.service.Update("fees", func(j *resource.Job) { j.Since = resourcetest.Now })
	b.want("/jobs/fees", says)
	b.service.Update("fees", func(j *resource.Job) { j.State = resource.Paused })
	if strings.Contains(b.want("/jobs/fees"), says) {
		t.Error("a paused job waits for figures")
	}
}

func TestAJobThatEndedDoesNotPromiseFigures(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	b.service.Update("quotes", func(j *resource.Job) { j.State, j.Reason = resource.Stopped, "the run has ended" })
	if strings.Contains(b.want("/jobs/quotes", "There are no figures of this run yet"), "No figures yet") {
		t.Error("figures are promised")
	}
	b.service.UpdateDetails("quotes", func(d *resource.Details) {
		d.Timeline = []evidence.Point{{From: resourcetest.Now, To: resourcetest.Now.Add(time.Second), Records: 10, V1: 62_654, V2: 41_778}}
	})
	b.want("/jobs/quotes", "V1 62.7 k records per second, V2 41.8 k.")
}

func TestTwoEntriesWithOneNameAreToldApart(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	b.service.Refuse("fees", "job fees: it comes from fees.yaml already")
	text := b.want("/", `href="/jobs/fees"`, `href="/jobs/fees?file=fees.yaml"`, `<span class="versions">fees.yaml</span>`)
	if strings.Contains(text, "Its changed job file is not in force: Job fees") || strings.Contains(text, "Its changed job file is not in force: job fees") {
		t.Error("a file of which there is no job is said to be one that changed")
	}
	if status, text := b.get("/jobs/fees?file=fees.yaml"); status != http.StatusConflict || !strings.Contains(text, "It comes from fees.yaml already") && !strings.Contains(text, "it comes from fees.yaml already") {
		t.Errorf("%d: %s", status, text)
	}
	if status, _ := b.get("/jobs/fees?file=other.yaml"); status != http.StatusNotFound {
		t.Errorf("another file: %d", status)
	}
	b.want("/jobs/fees", "V2 may take over.")
}

func TestADifferenceIsShownSideBySideWithItsKeyOverTime(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Operate)
	b.want("/jobs/trades-by-symbol/differences", "4 signatures, 3 open", "8,003")
	text := b.want("/jobs/trades-by-symbol/differences/8f9717a99f45", `<tr class="differs"><th scope="row"><span class="sign" aria-label="differs">≠</span> TRADES</th><td class="mono">2</td><td class="mono">1</td></tr>`, "trades/1@43902116")
	_, key, ok := strings.Cut(text, `<p><a href="/jobs/trades-by-symbol/key?`)
	if !ok {
		t.Fatal("no link to the key")
	}
	key, _, _ = strings.Cut(key, `"`)
	b.want("/jobs/trades-by-symbol/key?"+html.UnescapeString(key), "6 stored divergences", `aria-label="VOLUME on both paths"`, "2026-11-29 14:19:00Z to 2026-11-29 14:20:00Z")
}

func TestReportsAreServedWithoutRunningAnything(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	text := b.want("/jobs/orders/reports", ">html</a>", "8,588 of 10,000 units")
	_, path, _ := strings.Cut(text, `href="/jobs/orders/reports/`)
	path, _, _ = strings.Cut(path, `"`)
	w := httptest.NewRecorder()
	b.pages.ServeHTTP(w, httptest.NewRequestWithContext(access.WithCaller(t.Context(), b.caller()), http.MethodGet, "/jobs/orders/reports/"+path, nil))
	if policy := w.Header().Get("Content-Security-Policy"); w.Code != http.StatusOK || !strings.Contains(policy, "sandbox") || strings.Contains(policy, "script-src") {
		t.Errorf("%d, %s", w.Code, policy)
	}
	if status, _ := b.get("/jobs/orders/reports/x/exe"); status != http.StatusNotFound {
		t.Errorf("an unknown format: %d", status)
	}
}

func TestDataNeverBecomesMarkup(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	b.service.Update("orders", func(j *resource.Job) {
		j.Reason, j.FileError, j.V2 = "<script>alert(1)</script>\u202e", "<b>bold</b>", `"><img src=x>`
	})
	for _, path := range []string{"/", "/jobs/orders"} {
		text := b.want(path, "&lt;script&gt;alert")
		for _, bad := range []string{"<script>", "<b>bold", "<img", "\u202e"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %q of the data", path, bad)
			}
		}
	}
}

func TestAssetsAreKeptByBrowsersUntilTheyChange(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	text := b.want("/")
	for _, part := range []string{`src="`, `<link rel="stylesheet" href="`, `<link rel="icon" href="`} {
		_, path, _ := strings.Cut(text, part)
		path, _, _ = strings.Cut(path, `"`)
		w := httptest.NewRecorder()
		b.pages.ServeHTTP(w, httptest.NewRequestWithContext(access.WithCaller(t.Context(), b.caller()), http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.Len() == 0 {
			t.Errorf("%s: %d, %v", path, w.Code, w.Header())
		}
	}
	if status, _ := b.get("/assets/page.000000000000.css"); status != http.StatusNotFound {
		t.Errorf("an old address: %d", status)
	}
}

func TestAFileOfWhichThereIsNoJobSaysWhatIsWrong(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	b.service.Refuse("payments", "payments.yaml:3:1: unknown key sqll; did you mean sql?")
	b.want("/", `href="/jobs/payments"`, "did you mean sql?")
	if status, text := b.get("/jobs/payments"); status != http.StatusConflict || !strings.Contains(text, "payments is not deployed") || !strings.Contains(text, "did you mean sql?") {
		t.Errorf("%d: %s", status, text)
	}
}
