package packaging

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v2"
)

func project(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{folder + "compose/compose.yaml"}, cli.WithProfiles([]string{"*"}), cli.WithConsistency(true))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestComposeStartsKafkaTheDataAndTheServer(t *testing.T) {
	p := project(t)
	for _, name := range []string{"kafka", "trades", "token", "parallax", "prometheus", "grafana"} {
		service, err := p.GetService(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range service.Volumes {
			if v.Type == types.VolumeTypeBind {
				if _, err := os.Stat(v.Source); err != nil {
					t.Errorf("%s mounts %v", name, err)
				}
			}
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: other machines can reach port %s", name, port.Published)
			}
		}
		if b := service.Build; b != nil {
			if _, err := os.Stat(filepath.Join(b.Context, b.Dockerfile)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	server := p.Services["parallax"]
	if server.DependsOn["kafka"].Condition != types.ServiceConditionHealthy || server.DependsOn["trades"].Condition != types.ServiceConditionCompletedSuccessfully {
		t.Errorf("the server starts after %v", server.DependsOn)
	}
	if p.Services["kafka"].HealthCheck == nil {
		t.Error("Kafka has no health check, and the server waits for it")
	}
	if started := p.ServiceNames(); !slices.Equal(started, []string{"grafana", "kafka", "parallax", "prometheus", "token", "trades"}) {
		t.Errorf("services: %v", started)
	}
}

// The settings of the image are settings of the broker: KAFKA_LOG_DIRS is log.dirs. The listeners that clients use are
// advertised, and each has a protocol.
func TestComposeKafkasListenersFit(t *testing.T) {
	of := func(name string) string {
		value := project(t).Services["kafka"].Environment[name]
		if value == nil {
			t.Fatalf("%s is not set", name)
		}
		return *value
	}
	protocols := map[string]bool{}
	for _, pair := range strings.Split(of("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"), ",") {
		name, _, _ := strings.Cut(pair, ":")
		protocols[name] = true
	}
	advertised := of("KAFKA_ADVERTISED_LISTENERS")
	for _, listener := range strings.Split(of("KAFKA_LISTENERS"), ",") {
		name, _, _ := strings.Cut(listener, "://")
		if !protocols[name] {
			t.Errorf("listener %s has no protocol", name)
		}
		if isController := name == of("KAFKA_CONTROLLER_LISTENER_NAMES"); isController == strings.Contains(advertised, name+"://") {
			t.Errorf("listener %s: controllers, and only they, are not advertised: %s", name, advertised)
		}
	}
	if name := of("KAFKA_INTER_BROKER_LISTENER_NAME"); !protocols[name] {
		t.Errorf("there is no listener %s", name)
	}
}

// Prometheus keeps the server's own label job, which the alerts need.
func TestComposesPrometheusKeepsTheLabelJob(t *testing.T) {
	text, err := os.ReadFile(folder + "compose/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Rules  []string `yaml:"rule_files"`
		Global map[string]string
		Scrape []struct {
			Name   string `yaml:"job_name"`
			Honor  bool   `yaml:"honor_labels"`
			Access struct {
				File string `yaml:"credentials_file"`
			} `yaml:"authorization"`
			Static []struct {
				Targets []string
				Labels  map[string]string
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		t.Fatal(err)
	}
	if len(config.Scrape) != 1 || !config.Scrape[0].Honor || !slices.Equal(config.Scrape[0].Static[0].Targets, []string{"parallax:8080"}) {
		t.Errorf("scraped: %+v", config.Scrape)
	}
	if file := config.Scrape[0].Access.File; file != "/run/secrets/prometheus-token" {
		t.Errorf("Prometheus' token is in %q", file)
	}
	if !slices.Equal(config.Rules, []string{"alerts.yml"}) {
		t.Errorf("rules: %v", config.Rules)
	}
}
