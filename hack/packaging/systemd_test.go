package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coreos/go-systemd/v22/unit"
)

var units = []string{"parallax.service", "parallax-job@.service"}

// settings reads a unit as systemd does: section, name, values.
func settings(t *testing.T, name string) map[string][]string {
	t.Helper()
	f, err := os.Open(folder + "systemd/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sections, err := unit.DeserializeSections(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	all := map[string][]string{}
	for _, s := range sections {
		for _, e := range s.Entries {
			all[s.Section+" "+e.Name] = append(all[s.Section+" "+e.Name], e.Value)
		}
	}
	return all
}

func TestUnitsAreHardened(t *testing.T) {
	for _, name := range units {
		have := settings(t, name)
		for setting, want := range map[string]string{
			"User": "parallax", "StateDirectory": "parallax", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ProtectSystem": "strict",
			"ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "MemoryDenyWriteExecute": "yes", "RestrictNamespaces": "yes",
			"Restart": "on-failure", "KillSignal": "SIGTERM", "UMask": "0077", "WorkingDirectory": "/var/lib/parallax",
		} {
			if values, ok := have["Service "+setting]; !ok || strings.Join(values, ",") != want {
				t.Errorf("%s: %s is %v, want %q", name, setting, values, want)
			}
		}
		// The program does not tell systemd when it is ready.
		if kind := strings.Join(have["Service Type"], ""); kind != "exec" {
			t.Errorf("%s: Type=%s", name, kind)
		}
		if start := strings.Join(have["Service ExecStart"], ""); !strings.HasPrefix(start, "/usr/local/bin/parallax ") {
			t.Errorf("%s: ExecStart=%s", name, start)
		}
	}
}

func TestSystemdAcceptsTheUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range units {
		text, err := os.ReadFile(folder + "systemd/" + name)
		if err != nil {
			t.Fatal(err)
		}
		// A program that is there in place of the one that is not installed here.
		changed := strings.ReplaceAll(string(text), "/usr/local/bin/parallax ", program+" ")
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, err := exec.CommandContext(t.Context(), analyze, "verify", path).CombinedOutput(); err != nil || strings.Contains(string(said), name) {
			t.Errorf("systemd-analyze verify %s: %v\n%s", name, err, said)
		}
	}
}
