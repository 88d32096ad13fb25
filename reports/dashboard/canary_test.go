package dashboard_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"parallax/reports/gate"
)

// canary is what the sample uses of Flagger's resource Canary.
type canary struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       struct {
		TargetRef struct {
			APIVersion string `yaml:"apiVersion"`
			Kind, Name string
		} `yaml:"targetRef"`
		Service  struct{ Port int }
		Analysis struct {
			Interval   time.Duration
			Threshold  int
			MaxWeight  int `yaml:"maxWeight"`
			StepWeight int `yaml:"stepWeight"`
			Webhooks   []struct {
				Name, Type, URL string
				Timeout         time.Duration
				Metadata        map[string]string
			}
		}
	}
}

// TestTheSampleForFlagger: the sample is a Canary, and its webhooks, sent as Flagger sends them, are
// answered with yes at a pass and at a fail, each by the one that asks for it, and with no for
// another version.
func TestTheSampleForFlagger(t *testing.T) {
	text, err := os.ReadFile("../../examples/flagger/canary.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c canary
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	hooks := c.Spec.Analysis.Webhooks
	if c.APIVersion != "flagger.app/v1beta1" || c.Kind != "Canary" || c.Spec.TargetRef.Name == "" || c.Spec.Analysis.Interval <= 0 || c.Spec.Analysis.Threshold <= 0 || len(hooks) != 2 {
		t.Fatalf("%+v", c)
	}
	yes := map[string]gate.State{"confirm-promotion": gate.Pass, "rollback": gate.Fail}
	for _, h := range hooks {
		wanted, ok := yes[h.Type]
		at, err := url.Parse(h.URL)
		if !ok || err != nil || !strings.HasSuffix(at.Path, "/"+h.Type) || h.Timeout <= 0 || h.Metadata["job"] != "trades" {
			t.Fatalf("webhook %+v, %v", h, err)
		}
		body, err := json.Marshal(map[string]any{"name": c.Metadata.Name, "namespace": "prod", "phase": "Progressing", "checksum": "85d557f47b", "metadata": h.Metadata})
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range []gate.State{gate.Pass, gate.Fail, gate.Inconclusive, gate.Error} {
			for v2, same := range map[string]bool{h.Metadata["v2"]: true, "v2:8 auto 1.4.0 0000000, semantics 1": false} {
				want := http.StatusForbidden
				switch {
				case !same:
					want = http.StatusPreconditionFailed
				case state == wanted:
					want = http.StatusOK
				}
				r, err := http.Post(serve(t, always(judged(t, state, v2)))+at.Path, "application/json", bytes.NewReader(body))
				if code, text := answer(t, r, err); code != want {
					t.Errorf("%s at %s of %s: %d %s; want %d", h.Name, state, v2, code, text, want)
				}
			}
		}
	}
}
