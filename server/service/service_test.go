package service_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/plan"
	"parallax/reports/gate"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/server/service"
	"parallax/shadow/embedded"
	"parallax/shadow/evidence"
)

const script = `CREATE STREAM s (k STRING KEY, x INT) WITH (kafka_topic='TOPIC', value_format='JSON');
  CREATE STREAM o WITH (kafka_topic='TOPIC-out') AS SELECT k, x + 1 AS y FROM s;
`

// broker is an embedded broker with topics for jobs.
type broker struct {
	t      *testing.T
	addr   string
	client *kgo.Client
	fake   *embedded.Broker
}

func newBroker(t *testing.T) *broker {
	t.Helper()
	b, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &broker{t, b.Addrs()[0], client, b}
}

// fill creates a topic with records.
func (b *broker) fill(topic string, from, to int) {
	b.t.Helper()
	if from == 0 {
		if err := b.fake.CreateTopic(b.t.Context(), topic, 2, embedded.Retention{}); err != nil {
			b.t.Fatal(err)
		}
	}
	var list []*kgo.Record
	for i := from; i < to; i++ {
		list = append(list, &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "k%d", i%37), Value: fmt.Appendf(nil, `{"x":%d}`, i)})
	}
	if err := b.client.ProduceSync(b.t.Context(), list...).FirstErr(); err != nil {
		b.t.Fatal(err)
	}
}

// jobFile is a job on a topic of the broker.
func (b *broker) jobFile(name string) string {
	return fmt.Sprintf(`job: %s
kafka: {brokers: ["%s"], group: %[1]s}
sql: |
  %[3]s
processors: {v2: "v2:2"}
gate: {min_records: 10, min_keys: 10, min_units: 10, min_event_time: 0s, max_probability: 0.5}
v2: {on_overload: block}
`, name, b.addr, strings.ReplaceAll(script, "TOPIC", name))
}

// site is a running server with its service.
type site struct {
	*service.Service
	t    *testing.T
	host *jobs.Server
	data string
}

func newSite(t *testing.T, opt service.Options, o jobs.Options) *site {
	t.Helper()
	opt.Data, opt.Every, opt.SpanPeriod = filepath.Join(t.TempDir(), "data"), 50_000_000, 50_000_000
	s, err := service.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	o.Data, o.Load, o.Changed = opt.Data, s.Load, s.Changed
	host, err := jobs.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(host)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- host.Run(ctx) }()
	watched := make(chan struct{})
	go func() {
		s.Watch(ctx)
		close(watched)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		<-watched
		_ = s.Close()
	})
	return &site{Service: s, t: t, host: host, data: opt.Data}
}

// patience ends a test that would wait for ever; no test depends on it otherwise.
const patience = 2 * time.Minute

var ann = resource.Actor{Name: "ann", Role: resource.Deploy}

// until waits until what is asked for is so: it looks again after each event.
func (s *site) until(what string, isSo func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	events, err := s.Events(ctx, "")
	if err != nil {
		s.t.Fatal(err)
	}
	for !isSo() {
		if e, isOpen := <-events; !isOpen || e.Kind == "resync" {
			if ctx.Err() != nil {
				list, _ := s.Jobs(s.t.Context())
				s.t.Fatalf("%s: not within %v; the jobs are %+v", what, patience, list)
			}
			if events, err = s.Events(ctx, ""); err != nil {
				s.t.Fatalf("%s: %v", what, err)
			}
		}
	}
}

func (s *site) put(name, file string) {
	s.t.Helper()
	if _, err := s.Put(s.t.Context(), ann, name, []byte(file), false); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) job(name string) resource.Job {
	s.t.Helper()
	j, err := s.Job(s.t.Context(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	return j
}

// must returns a value that was got without an error.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wrong builds V2s that compute x + 2 where V1 computes x + 1.
func wrong(v2 processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	topic := p.Sources[0].Topic
	other, err := plan.Compile(strings.ReplaceAll(strings.Replace(script, "x + 1", "x + 2", 1), "TOPIC", topic), plan.BuildOptions{})
	if err != nil {
		return nil, err
	}
	return factory.New(v2, other, opt)
}

func TestADivergenceIsFoundExplainedAndTolerated(t *testing.T) {
	b := newBroker(t)
	b.fill("a", 0, 500)
	s := newSite(t, service.Options{BuildV2: wrong, Program: evidence.Program{Version: "test"}}, jobs.Options{})
	s.put("a", b.jobFile("a"))
	s.until("a fails", func() bool { return s.job("a").Verdict == "fail" && s.job("a").Roots == 37 })

	signatures := must[[]resource.Signature](t)(s.Signatures(t.Context(), "a"))
	if len(signatures) != 1 || signatures[0].Count != 500 || signatures[0].Status != "open" || signatures[0].First.IsZero() {
		t.Fatalf("%+v", signatures)
	}
	id := signatures[0].ID
	var places []string
	for q := (resource.DivergenceQuery{Signature: id, Limit: 1}); ; {
		page := must[resource.Page[resource.Divergence]](t)(s.Divergences(t.Context(), "a", q))
		for _, d := range page.Items {
			places = append(places, d.Example.V1+d.Example.V2)
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if len(places) < 2 || !strings.Contains(places[0], `"Y"`) {
		t.Errorf("samples: %q", places)
	}

	x := must[resource.Explanation](t)(s.Explain(t.Context(), ann, "a", resource.ExplainRequest{Signature: id}))
	s.until("it is explained", func() bool {
		x = must[resource.Explanation](t)(s.Explanation(t.Context(), "a", x.ID))
		return x.State != "running"
	})
	if x.State != "done" || !strings.Contains(x.Text, "V2") || x.Folder == "" {
		t.Errorf("%+v", x)
	}
	again, err := service.New(service.Options{Data: s.data})
	if err != nil {
		t.Fatal(err)
	}
	again.Serve(s.host)
	if kept := must[resource.Explanation](t)(again.Explanation(t.Context(), "a", x.ID)); kept != x {
		t.Errorf("after a restart the explanation is %+v", kept)
	}
	if list := must[[]resource.Explanation](t)(again.Explanations(t.Context(), "a")); len(list) != 1 || list[0] != x {
		t.Errorf("after a restart there are %+v", list)
	}
	if _, err := again.Explanation(t.Context(), "a", "../../../audit"); err == nil {
		t.Error("a path is an explanation")
	}
	_ = again.Close()
	if files, err := os.ReadDir(x.Folder); err != nil || len(files) == 0 {
		t.Errorf("the folder that reproduces it has %d files, %v", len(files), err)
	}

	rule := diff.Rule{Column: "y", Absolute: 1, Owner: "us", Reason: "rounding", Expires: "2999-01-01", MaxRate: 1}
	narrow := rule
	narrow.Absolute = 0.5
	effect := must[resource.RuleEffect](t)(s.ProposeRule(t.Context(), ann, "a", resource.RuleRequest{Rule: narrow}, true))
	if effect.Samples != 0 || effect.Of == 0 || effect.Verdict != "fail" {
		t.Errorf("a rule that is too narrow: %+v", effect)
	}
	effect = must[resource.RuleEffect](t)(s.ProposeRule(t.Context(), ann, "a", resource.RuleRequest{Rule: rule}, true))
	if effect.Samples != effect.Of || effect.Of == 0 || len(effect.Signatures) != 1 || effect.Verdict == "fail" || effect.IsAdopted {
		t.Errorf("a rule: %+v", effect)
	}
	if _, err := s.ProposeRule(t.Context(), ann, "a", resource.RuleRequest{Rule: diff.Rule{Column: "none", ULP: 1, Owner: "us", Reason: "x", Expires: "2999-01-01", MaxRate: 1}}, true); err == nil {
		t.Error("a rule about no column is accepted")
	}
	effect = must[resource.RuleEffect](t)(s.ProposeRule(t.Context(), ann, "a", resource.RuleRequest{Rule: rule}, false))
	if !effect.IsAdopted {
		t.Errorf("adopted: %+v", effect)
	}
	run := s.job("a").Run
	hits := func() int64 { // they are stored after the records are shown
		rules := must[resource.Rules](t)(s.Rules(t.Context(), "a"))
		if len(rules.Rules) != 1 {
			t.Fatalf("%+v", rules.Rules)
		}
		return rules.Rules[0].Hits
	}
	for n := 500; s.job("a").Run == run || s.job("a").Records == 0 || hits() == 0; n += 100 {
		b.fill("a", n, n+100)
		before := s.job("a")
		s.until("the records are read", func() bool { j := s.job("a"); return j.Records != before.Records || j.Run != before.Run })
	}
	if roots := s.job("a").Roots; roots != 0 {
		t.Errorf("%d roots with the rule", roots)
	}
	audit := must[resource.Page[resource.AuditEntry]](t)(s.Audit(t.Context(), "a", "", 10))
	var what []string
	for _, e := range audit.Items {
		what = append(what, e.What+"="+e.Result)
	}
	if got := strings.Join(what, ", "); got != "adopt a rule=done, explain "+id+"=done, deploy=done" {
		t.Errorf("audit: %s", got)
	}
}

func TestAnAcceptanceIsInForceAtOnce(t *testing.T) {
	b := newBroker(t)
	b.fill("a", 0, 300)
	s := newSite(t, service.Options{BuildV2: wrong}, jobs.Options{})
	s.put("a", b.jobFile("a"))
	s.until("a fails", func() bool { return s.job("a").Verdict == "fail" && s.job("a").Roots == 37 })
	id := must[[]resource.Signature](t)(s.Signatures(t.Context(), "a"))[0].ID
	few := gate.Acceptance{Signature: id, Owner: "us", Reason: "intended", Expires: "2999-01-01", MaxCount: 10}
	effect := must[resource.RuleEffect](t)(s.Accept(t.Context(), ann, "a", resource.AcceptRequest{Acceptance: few}, true))
	if effect.Verdict != "fail" || !strings.Contains(strings.Join(effect.Says, ";"), "none is") {
		t.Errorf("%+v", effect)
	}
	all := few
	all.MaxCount = 1000
	effect = must[resource.RuleEffect](t)(s.Accept(t.Context(), ann, "a", resource.AcceptRequest{Acceptance: all}, false))
	if effect.Verdict == "fail" || !effect.IsAdopted {
		t.Errorf("%+v", effect)
	}
	s.until("the verdict changes", func() bool { return s.job("a").Verdict != "fail" })
	if st := must[[]resource.Signature](t)(s.Signatures(t.Context(), "a"))[0].Status; st != "accepted" {
		t.Errorf("its status is %s", st)
	}
	if j := s.job("a"); j.Restarts != 0 || j.Roots != 37 {
		t.Errorf("%+v", j)
	}
}

func TestAPausedJobIsShownFromItsEvidenceAndContinues(t *testing.T) {
	b := newBroker(t)
	b.fill("a", 0, 400)
	s := newSite(t, service.Options{}, jobs.Options{})
	s.put("a", b.jobFile("a"))
	s.until("it passes", func() bool { return s.job("a").Verdict == "pass" && s.job("a").Records == 400 })
	must[resource.Job](t)(s.Do(t.Context(), ann, "a", resource.Pause))
	s.until("it is paused", func() bool { return s.job("a").State == resource.Paused })
	d := must[resource.Details](t)(s.Details(t.Context(), "a"))
	ledger := must[resource.Ledger](t)(s.Ledger(t.Context(), "a"))
	if d.Job.Verdict != "pass" || ledger.Records != 400 || ledger.Compared != 400 || len(d.Outputs) != 1 || d.Outputs[0].Level != "E1" || len(d.Timeline) == 0 || len(d.Partitions) != 2 || len(d.Routing) == 0 {
		t.Errorf("%+v, %+v", d, ledger)
	}
	columns := must[[]resource.Column](t)(s.Columns(t.Context(), "a"))
	if len(columns) == 0 || columns[0].Rows != 400 {
		t.Errorf("%+v", columns)
	}
	run := s.job("a").Run
	must[resource.Job](t)(s.Do(t.Context(), ann, "a", resource.Resume))
	b.fill("a", 400, 500)
	s.until("it goes on", func() bool { return s.job("a").Records == 500 && s.job("a").State == resource.Running })
	if j := s.job("a"); j.Run != run || j.Verdict != "pass" {
		t.Errorf("%+v, and the run was %s", j, run)
	}
	if list := must[[]resource.HistoryEntry](t)(s.History(t.Context(), "a")); len(list) == 0 || list[0].Run != run {
		t.Errorf("history: %+v", list)
	}
	for _, format := range []string{"html", "md", "json", "text", "junit"} {
		r, err := s.Report(t.Context(), "a", "now", format)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		_ = r.Close()
	}
	if _, err := s.Report(t.Context(), "a", "../../secret", "json"); err == nil {
		t.Error("a path is a report")
	}
	var metrics strings.Builder
	s.Metrics(&metrics)
	for _, want := range []string{`parallax_job_state{job="a",state="running"} 1`, `parallax_records_total{job="a",path="v2"} `, `parallax_gate_verdict{job="a"`} {
		if !strings.Contains(metrics.String(), want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
}
