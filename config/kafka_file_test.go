package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/config"
)

func TestASecurityFileHasTLSAndSASLOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kafka.yaml")
	load := func(text string) (user string, err error) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.LoadKafka(path, []string{"b:9092"})
		return c.SASL.Username, err
	}
	if user, err := load("kafka:\n  tls: {enabled: true}\n  sasl: {mechanism: PLAIN, username: me, password_env: SECRET}\n"); err != nil || user != "me" {
		t.Errorf("%q, %v", user, err)
	}
	for text, want := range map[string]string{
		"kafka: {group: g}\n": "unknown key kafka.group",
		"tls: {}\n":           "unknown key tls",
		"kafka: {sasl: {mechanism: PLAIN, username: me}}\n":  "set one of password_file and password_env",
		"kafka: {sasl: {mechanism: GSSAPI, username: me}}\n": "must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
		"kafka: {tls: {enabled: perhaps}}\n":                 "kafka.yaml:1:",
	} {
		if _, err := load(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if c, err := config.LoadKafka("", []string{"b:9092"}); err != nil || c.Brokers[0] != "b:9092" {
		t.Errorf("%v, %v", c.Brokers, err)
	}
	if n, err := config.ParseSize("1.5GiB"); err != nil || n != 3<<29 {
		t.Errorf("%d, %v", n, err)
	}
}
