package kafka

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/processors/plan"
)

// A secret that others can read is warned of, once for each, when the task is opened.
func TestSecretsThatOthersCanReadAreWarnedOf(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("secret\n"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	own, group, all := file("own", 0o600), file("group", 0o640), file("all", 0o604)
	sasl := func(mechanism, name string) SASLConfig {
		return SASLConfig{Mechanism: mechanism, Username: "u", PasswordFile: name}
	}
	for name, c := range map[string]struct {
		cfg  Config
		want []string
	}{
		"none":                  {Config{}, nil},
		"PLAIN in the clear":    {Config{SASL: sasl("plain", own)}, []string{"PLAIN without TLS"}},
		"PLAIN under TLS":       {Config{SASL: sasl("PLAIN", own), TLS: TLSConfig{Enabled: true}}, nil},
		"SCRAM":                 {Config{SASL: sasl("SCRAM-SHA-512", own)}, nil},
		"the group reads":       {Config{SASL: sasl("SCRAM-SHA-512", group)}, []string{"password_file: other users can read"}},
		"everyone reads":        {Config{SASL: sasl("PLAIN", all)}, []string{"PLAIN without TLS", "chmod 600"}},
		"the key of TLS":        {Config{TLS: TLSConfig{Enabled: true, KeyFile: all}}, []string{"kafka.tls.key_file: other users can read"}},
		"a file that is absent": {Config{SASL: sasl("SCRAM-SHA-512", filepath.Join(dir, "absent"))}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.cfg.warnings()
			if len(got) != len(c.want) {
				t.Fatalf("warnings are %q, want %d", got, len(c.want))
			}
			for i, want := range c.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("warning %d is %q, want %q in it", i, got[i], want)
				}
			}
		})
	}
	t.Run("they are logged", func(t *testing.T) {
		var out bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // there is no broker
		cfg := DefaultConfig()
		cfg.Brokers, cfg.Group, cfg.SASL = []string{"127.0.0.1:1"}, "g", sasl("PLAIN", all)
		p, err := plan.Compile("CREATE STREAM s (v BIGINT) WITH (kafka_topic='s', value_format='JSON'); CREATE STREAM o AS SELECT v FROM s EMIT CHANGES;", plan.BuildOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(ctx, cfg, p, Options{Log: slog.New(slog.NewTextHandler(&out, nil))}); err == nil {
			t.Fatal("a task without a broker was opened")
		}
		if n := strings.Count(out.String(), "level=WARN"); n != 2 || !strings.Contains(out.String(), "PLAIN without TLS") || strings.Contains(out.String(), "secret") {
			t.Errorf("%d warnings:\n%s", n, out.String())
		}
	})
}
