// Package controllers lets the code with which Argo Rollouts decides judge Parallax's real
// answers, by the samples in examples/argo. It is a module of its own, because that code
// needs modules of Kubernetes. Run: cd hack/controllers && go test ./...
package controllers

import (
	"context"
	"errors"
	"io"
	"os"
	"parallax/diff"
	"parallax/reports/dashboard"
	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/shadow/evidence"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/argo-rollouts/metricproviders/webmetric"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/utils/evaluate"
	"github.com/sirupsen/logrus"
	"sigs.k8s.io/yaml"
)

// metric reads the only metric of a sample, with the arguments of its template.
func metric(t *testing.T, file, version string) v1alpha1.Metric {
	t.Helper()
	text, err := os.ReadFile("../../examples/argo/" + file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n---\n")
	first = strings.NewReplacer("{{args.job}}", "trades", "{{args.version}}", version).Replace(first)
	var template v1alpha1.AnalysisTemplate
	if err := yaml.UnmarshalStrict([]byte(first), &template); err != nil {
		t.Fatal(err)
	}
	if template.Kind != "AnalysisTemplate" || len(template.Spec.Metrics) != 1 {
		t.Fatalf("%s has %d metrics", file, len(template.Spec.Metrics))
	}
	return template.Spec.Metrics[0]
}

var cases = []struct {
	name, version string
	change        func(*evidence.Stretch)
	want          v1alpha1.AnalysisPhase
}{
	{"pass", "v2:8 1.5.0", func(*evidence.Stretch) {}, v1alpha1.AnalysisPhaseSuccessful},
	{"fail", "v2:8 1.5.0", func(s *evidence.Stretch) { s.Diff.Root = 2 }, v1alpha1.AnalysisPhaseFailed},
	{"inconclusive", "v2:8 1.5.0", func(s *evidence.Stretch) { s.Diff.Outputs[0].Units = 5 }, v1alpha1.AnalysisPhaseInconclusive},
	{"error", "v2:8 1.5.0", func(s *evidence.Stretch) { s.Ledger.Gap = 1 }, v1alpha1.AnalysisPhaseInconclusive},
	{"stale", "v2:8 1.5.0", func(s *evidence.Stretch) { s.Last = s.Last.Add(-24 * time.Hour) }, v1alpha1.AnalysisPhaseInconclusive},
	{"pass of another version", "v2:8 1.6.0", func(*evidence.Stretch) {}, v1alpha1.AnalysisPhaseInconclusive},
	{"fail of another version", "v2:8 1.6.0", func(s *evidence.Stretch) { s.Diff.Root = 2 }, v1alpha1.AnalysisPhaseInconclusive},
	{"empty", "v2:8 1.5.0", func(s *evidence.Stretch) { *s = evidence.Stretch{} }, v1alpha1.AnalysisPhaseInconclusive},
}

// document is the verdict on evidence that passes but for a change.
func document(t *testing.T, change func(*evidence.Stretch)) verdict.Document {
	t.Helper()
	at := time.Now()
	s := &evidence.Stretch{
		First: at.Add(-time.Hour), Last: at, Identity: evidence.RunIdentity{Run: "0123456789ab", V1: "v1 1.5.0", V2: "v2:8 1.5.0"},
		Report: evidence.Report{
			Ledger: diff.Ledger{Compared: 20_000}, Candidate: evidence.Candidate{
				Implementation: "V2", Partitions: []evidence.Partition{{Records: 20_000}}, Routing: []evidence.Routing{{Records: []int64{9_000, 11_000}}},
			},
			Diff:        diff.Result{LevelHeld: diff.E1, Outputs: []diff.Output{{Topic: "out", LevelHeld: diff.E1, Rows: 20_000, Unit: diff.UnitRow, Units: 20_000}}},
			Sensitivity: evidence.Sensitivity{Mutations: []evidence.Mutation{{Name: "extra", Injected: 5, Detected: 5}}},
		},
	}
	change(s)
	d, err := verdict.Make("trades", gate.DefaultPolicy(), gate.OfStretch(s, nil, at))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTheWebProviderOfArgoRollouts measures with Argo's own provider.
func TestTheWebProviderOfArgoRollouts(t *testing.T) {
	measure := func(t *testing.T, address, version string) v1alpha1.Measurement {
		t.Helper()
		m := metric(t, "web.yaml", version)
		m.Provider.Web.URL = strings.Replace(m.Provider.Web.URL, "http://parallax.prod.svc.cluster.local:8080", address, 1)
		parser, err := webmetric.NewWebMetricJsonParser(m)
		if err != nil {
			t.Fatal(err)
		}
		client, err := webmetric.NewWebMetricHttpClient(m)
		if err != nil {
			t.Fatal(err)
		}
		client.CloseIdleConnections()
		return webmetric.NewWebMetricProvider(*logrus.NewEntry(quiet()), client, parser).Run(&v1alpha1.AnalysisRun{}, m)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := document(t, c.change)
			srv, err := dashboard.Listen("127.0.0.1:0", dashboard.Sources{
				Job: "trades", Metrics: func(io.Writer) {}, Ready: func() error { return nil },
				Verdict: func(context.Context) (verdict.Document, error) { return d, nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Close(context.Background())
			if got := measure(t, "http://"+srv.Addr().String(), c.version); got.Phase != c.want {
				t.Errorf("%s %s: %s %s; want %s", d.Verdict, d.Reason, got.Phase, got.Message, c.want)
			}
		})
	}
	t.Run("a store that cannot be read", func(t *testing.T) {
		srv, err := dashboard.Listen("127.0.0.1:0", dashboard.Sources{
			Job: "trades", Metrics: func(io.Writer) {}, Ready: func() error { return nil },
			Verdict: func(context.Context) (verdict.Document, error) {
				return verdict.Document{}, errors.New("the disk is gone")
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		address := "http://" + srv.Addr().String()
		if got := measure(t, address, "v2:8 1.5.0"); got.Phase != v1alpha1.AnalysisPhaseInconclusive {
			t.Errorf("%s %s", got.Phase, got.Message)
		}
		if err := srv.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := measure(t, address, "v2:8 1.5.0"); got.Phase != v1alpha1.AnalysisPhaseError {
			t.Errorf("unreachable: %s %s", got.Phase, got.Message)
		}
	})
}

func quiet() *logrus.Logger {
	l := logrus.New()
	l.SetOutput(io.Discard)
	return l
}

// TestTheConditionsOnPrometheus evaluates the conditions with Argo's own code over what a
// query for a version finds on the metrics page.
func TestTheConditionsOnPrometheus(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := document(t, c.change)
			var page strings.Builder
			dashboard.NewVerdicts(func(context.Context) (verdict.Document, error) { return d, nil }).Write(&page)
			m := metric(t, "prometheus.yaml", c.version)
			phase, err := evaluate.EvaluateResult(found(t, page.String(), c.version), m, *logrus.NewEntry(quiet()))
			if err != nil || phase != c.want {
				t.Errorf("%s: %s, %v; want %s", d.Verdict, phase, err, c.want)
			}
		})
	}
	phase, err := evaluate.EvaluateResult([]float64{}, metric(t, "prometheus.yaml", "x"), *logrus.NewEntry(quiet()))
	if err != nil || phase != v1alpha1.AnalysisPhaseInconclusive {
		t.Errorf("no sample: %s, %v", phase, err)
	}
}

// found are the samples of the verdict of a version.
func found(t *testing.T, page, version string) []float64 {
	t.Helper()
	values := []float64{}
	for line := range strings.Lines(page) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), `parallax_gate_verdict{job="trades",v2="`+version+`"} `); ok {
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
	}
	return values
}

// TestTheSamplesOfArgo: what the controller does beside a measurement depends on these
// settings.
func TestTheSamplesOfArgo(t *testing.T) {
	for _, file := range []string{"web.yaml", "prometheus.yaml"} {
		m := metric(t, file, "v")
		if m.EffectiveCount() != nil || m.Interval != "1m" || m.ConsecutiveSuccessLimit.IntValue() != 1 || m.FailureLimit.IntValue() != 0 || m.InconclusiveLimit.IntValue() != 1440 {
			t.Errorf("%s: count %v, interval %s, limits %v %v %v", file, m.EffectiveCount(), m.Interval, m.ConsecutiveSuccessLimit, m.FailureLimit, m.InconclusiveLimit)
		}
	}
	job := metric(t, "job.yaml", "v").Provider.Job.Spec
	if *job.BackoffLimit != 0 || job.Template.Spec.RestartPolicy != "Never" {
		t.Errorf("backoffLimit %d, restartPolicy %s", *job.BackoffLimit, job.Template.Spec.RestartPolicy)
	}
	text, err := os.ReadFile("../../examples/argo/web.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, second, _ := strings.Cut(string(text), "\n---\n")
	var rollout v1alpha1.Rollout
	if err := yaml.UnmarshalStrict([]byte(second), &rollout); err != nil {
		t.Fatal(err)
	}
	if c := rollout.Spec.Strategy.Canary; c.Analysis != nil || c.Steps[0].Analysis == nil {
		t.Error("the analysis is not an inline step")
	}
}
