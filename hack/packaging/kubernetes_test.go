// Package packaging checks the files in packaging with the code of the programs that read them: Kubernetes' types,
// Compose, BuildKit, systemd and Prometheus. It is a module of its own, because that code needs hundreds of modules.
// Run: make packaging (with -count=1, since the files that are checked are outside of the module)
package packaging

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"
)

const folder = "../../packaging/"

// manifests are the objects in packaging/kubernetes.
type manifests struct {
	jobs        core.ConfigMap
	account     core.ServiceAccount
	service     core.Service
	set         apps.StatefulSet
	disruptions policy.PodDisruptionBudget
	network     networking.NetworkPolicy
	monitor     monitoring.ServiceMonitor
}

// read decodes all manifests. A field that the type does not have, or that is given twice, is an error, and so is a kind
// that is missing or that a file has twice.
func read(t *testing.T) *manifests {
	t.Helper()
	m := &manifests{}
	missing := map[string]any{
		"v1 ConfigMap": &m.jobs, "v1 ServiceAccount": &m.account, "v1 Service": &m.service, "apps/v1 StatefulSet": &m.set,
		"policy/v1 PodDisruptionBudget": &m.disruptions, "networking.k8s.io/v1 NetworkPolicy": &m.network,
		"monitoring.coreos.com/v1 ServiceMonitor": &m.monitor,
	}
	files, err := filepath.Glob(folder + "kubernetes/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(folder + "kubernetes/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range strings.Split(string(text), "\n---\n") {
			var head meta.TypeMeta
			if err := yaml.Unmarshal([]byte(document), &head); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			kind := head.APIVersion + " " + head.Kind
			object, ok := missing[kind]
			if !ok {
				t.Fatalf("%s: no check for %s, or it is there twice", file, kind)
			}
			delete(missing, kind)
			if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
				t.Errorf("%s: %s: %v", file, kind, err)
			}
		}
	}
	for kind := range missing {
		t.Errorf("no %s", kind)
	}
	return m
}

func TestManifestsAreOfKubernetesTypes(t *testing.T) {
	m := read(t)
	for _, object := range []meta.Object{&m.jobs, &m.account, &m.service, &m.set, &m.disruptions, &m.network, &m.monitor} {
		if errs := validation.IsDNS1123Label(object.GetName()); len(errs) > 0 {
			t.Errorf("name %q: %v", object.GetName(), errs)
		}
		if object.GetNamespace() != "" {
			t.Errorf("%s: it names a namespace: kubectl -n chooses it", object.GetName())
		}
	}
}

// What one manifest says of another one is so.
func TestManifestsBelongTogether(t *testing.T) {
	m := read(t)
	pod := m.set.Spec.Template
	pods := labels.Set(pod.Labels)
	selectsPods := map[string]*meta.LabelSelector{
		"StatefulSet": m.set.Spec.Selector, "PodDisruptionBudget": m.disruptions.Spec.Selector, "NetworkPolicy": &m.network.Spec.PodSelector,
		"Service": {MatchLabels: m.service.Spec.Selector},
	}
	for kind, selector := range selectsPods {
		if s, err := meta.LabelSelectorAsSelector(selector); err != nil || s.Empty() || !s.Matches(pods) {
			t.Errorf("%s selects %v, %v; the pod has %v", kind, selector, err, pods)
		}
	}
	if s, err := meta.LabelSelectorAsSelector(&m.monitor.Spec.Selector); err != nil || s.Empty() || !s.Matches(labels.Set(m.service.Labels)) {
		t.Errorf("ServiceMonitor selects %v, %v; the service has %v", m.monitor.Spec.Selector, err, m.service.Labels)
	}
	if m.set.Spec.ServiceName != m.service.Name || pod.Spec.ServiceAccountName != m.account.Name {
		t.Errorf("the set names service %q and account %q", m.set.Spec.ServiceName, pod.Spec.ServiceAccountName)
	}
	if len(m.monitor.Spec.Endpoints) != 1 || !slices.ContainsFunc(m.service.Spec.Ports, func(p core.ServicePort) bool { return p.Name == m.monitor.Spec.Endpoints[0].Port }) {
		t.Errorf("ServiceMonitor reads %v of the service's ports %v", m.monitor.Spec.Endpoints, m.service.Spec.Ports)
	}
	if e := m.monitor.Spec.Endpoints[0]; e.Path != "/metrics" || !e.HonorLabels {
		t.Errorf("ServiceMonitor: path %q, honorLabels %v: alerts need the server's own label job", e.Path, e.HonorLabels)
	} else if e.Authorization == nil || e.Authorization.Credentials.Name != "parallax-prometheus" || e.Authorization.Credentials.Key != "token" {
		t.Errorf("ServiceMonitor has no token: %+v", e.Authorization)
	}

	c := pod.Spec.Containers[0]
	ports := map[string]int32{}
	for _, p := range c.Ports {
		ports[p.Name] = p.ContainerPort
	}
	for _, p := range m.service.Spec.Ports {
		if ports[p.TargetPort.String()] != p.Port {
			t.Errorf("the service leads to port %s, the container has %v", p.TargetPort.String(), ports)
		}
	}
	for name, probe := range map[string]*core.Probe{"/healthz": c.LivenessProbe, "/readyz": c.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != name || ports[probe.HTTPGet.Port.String()] == 0 {
			t.Errorf("the probe of %s is %v", name, probe)
		}
	}
	if c.StartupProbe == nil || c.StartupProbe.HTTPGet.Path != "/healthz" {
		t.Errorf("the startup probe is %v", c.StartupProbe)
	}

	volumes := map[string]bool{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = true
		if v.ConfigMap != nil && v.ConfigMap.Name != m.jobs.Name {
			t.Errorf("volume %s is of ConfigMap %s", v.Name, v.ConfigMap.Name)
		}
	}
	for _, v := range m.set.Spec.VolumeClaimTemplates {
		volumes[v.Name] = true
	}
	mounted := map[string]string{}
	for _, v := range c.VolumeMounts {
		if !volumes[v.Name] {
			t.Errorf("there is no volume %s", v.Name)
		}
		delete(volumes, v.Name)
		mounted[v.MountPath] = v.Name
	}
	if len(volumes) > 0 {
		t.Errorf("not mounted: %v", volumes)
	}
	// Folders in the arguments and in the job files are volumes.
	for _, flag := range []string{"--jobs", "--data", "--tokens"} {
		i := slices.Index(c.Args, flag)
		if i < 0 {
			t.Fatalf("the container's arguments %v have no %s", c.Args, flag)
		}
		path := c.Args[i+1]
		if flag == "--tokens" {
			path = filepath.Dir(path)
		}
		if mounted[path] == "" {
			t.Errorf("%s %s is not on a volume: %v", flag, c.Args[i+1], mounted)
		}
	}
	for name, text := range m.jobs.Data {
		for _, dir := range []string{"state: {dir: /data/", "evidence: {dir: /data/"} {
			if !strings.Contains(text, dir) {
				t.Errorf("%s does not say %s...}: the folder of the job files is read-only", name, dir)
			}
		}
	}
}

func TestThePodHasNoRightsThatItDoesNotNeed(t *testing.T) {
	m := read(t)
	pod := m.set.Spec.Template.Spec
	for name, ok := range map[string]bool{
		"a user that is not root":             *pod.SecurityContext.RunAsNonRoot && *pod.SecurityContext.RunAsUser > 0,
		"volumes of its group":                *pod.SecurityContext.FSGroup == *pod.SecurityContext.RunAsGroup,
		"the runtime's seccomp profile":       pod.SecurityContext.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault,
		"no token of the API server":          !*pod.AutomountServiceAccountToken && !*m.account.AutomountServiceAccountToken,
		"a root file system that is read":     *pod.Containers[0].SecurityContext.ReadOnlyRootFilesystem,
		"no way to more rights":               !*pod.Containers[0].SecurityContext.AllowPrivilegeEscalation,
		"no capabilities":                     slices.Equal(pod.Containers[0].SecurityContext.Capabilities.Drop, []core.Capability{"ALL"}),
		"one container, and no CPU limit":     len(pod.Containers) == 1 && pod.Containers[0].Resources.Limits.Cpu().IsZero(),
		"a memory limit that is its request":  pod.Containers[0].Resources.Limits.Memory().Equal(*pod.Containers[0].Resources.Requests.Memory()),
		"one replica":                         *m.set.Spec.Replicas == 1,
		"rules for both directions":           len(m.network.Spec.PolicyTypes) == 2,
		"time for a clean stop":               *pod.TerminationGracePeriodSeconds > 30,
		"a volume that outlives its workload": m.set.Spec.PersistentVolumeClaimRetentionPolicy.WhenDeleted == apps.RetainPersistentVolumeClaimRetentionPolicyType,
	} {
		if !ok {
			t.Errorf("the pod does not have %s", name)
		}
	}
}
