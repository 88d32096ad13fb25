package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/embedded"
)

// compareSides runs the command with files of the given names, and returns its exit code
// and what it wrote.
func compareSides(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e strings.Builder
	code = run(t.Context(), append([]string{"compare"}, args...), strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// A topic is compared with a file and with another topic; the exit code says what came
// out.
func TestTopicsAndFilesAreComparedAsTables(t *testing.T) {
	b, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Stop()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for topic, values := range map[string][]string{
		"v1":    {`{"N":1}`, `{"N":2,"AT":"x"}`},
		"v2":    {`{"n":1}`, `{"n":2.0,"at":"X"}`},
		"other": {`{"n":1}`, `{"n":3,"at":"x"}`},
		"empty": {},
	} {
		if err := b.CreateTopic(t.Context(), topic, 1, embedded.Retention{}); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			r := &kgo.Record{Topic: topic, Key: []byte([]string{"a", "b"}[i]), Value: []byte(v)}
			if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	topic := func(name string) string { return "kafka://" + strings.Join(b.Addrs(), ",") + "/" + name }
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	same := `{"topic":"out","key":{"symbol":"a"},"value":{"N":1}}
{"topic":"out","key":{"symbol":"b"},"value":{"N":2,"AT":"x"}}
`
	unrelated := strings.NewReplacer(`"a"`, `"y"`, `"b"`, `"z"`).Replace(same)
	rules := write("rules.yaml", "rules:\n  - {column: AT, ignore_case: true, owner: us, reason: other engine, expires: 2100-01-01, max_rate: 1}\n")
	security := write("kafka.yaml", "kafka:\n  tls: {enabled: false}\n")
	for _, c := range []struct {
		name string
		in   string
		args []string
		code int
		want string
	}{
		{"a topic and a file", "", []string{topic("v1"), write("same.jsonl", same), "--key", "symbol"}, exitPass, "EQUAL at E6"},
		{"a file and a topic", "", []string{write("same.jsonl", same), topic("v1"), "--key", "symbol", "--kafka", security}, exitPass, "EQUAL at E6"},
		{"a topic and standard input", same, []string{topic("v1"), "-", "--key", "symbol"}, exitPass, "offsets of standard input"},
		{"two files", "", []string{write("same.jsonl", same), write("same.jsonl", same), "--key", "symbol"}, exitPass, "EQUAL at E6"},
		{"two topics", "", []string{topic("v1"), topic("v2"), "--key", "symbol"}, exitFail, "AT: left x, right X"},
		{"a rule that tolerates too much", "", []string{topic("v1"), topic("v2"), "--key", "symbol", "--rules", rules}, exitInconclusive, "gate.max_tolerated allows 5 %"},
		{"a rule", "", []string{topic("v1"), topic("v2"), "--key", "symbol", "--rules", rules, "--max-tolerated", "0.5"}, exitPass, "1  rows of 2 (50 %, at most 100 %), AT: case ignored"},
		{"another value", "", []string{topic("v1"), topic("other")}, exitFail, "N: left 2, right 3"},
		{"an empty side", "", []string{topic("v1"), topic("empty"), "--key", "symbol"}, exitInconclusive, "the right side has no record"},
		{"nothing pairs", "", []string{topic("v1"), write("unrelated.jsonl", unrelated), "--key", "symbol"}, exitInconclusive, "0 of 2 and 2 identities pair"},
		{"E5 without windows", "", []string{topic("v1"), topic("v2"), "--level", "E5"}, exitInconclusive, "no window has closed"},
		{"no such topic", "", []string{topic("v1"), topic("none")}, exitError, "topic none does not exist"},
		{"no such level", "", []string{topic("v1"), topic("v2"), "--level", "E3"}, exitError, "--level: E3 needs the frontiers of a run; two sides that have ended can show E5 and E6"},
		{"no such level of a topic that is not there", "", []string{"kafka://127.0.0.1:1/none", topic("v2"), "--level", "E3"}, exitError, "--level: E3 needs the frontiers of a run"},
		{"no level", "", []string{topic("v1"), topic("v2"), "--level", "E9"}, exitError, "--level: "},
		{"Ze of rows with a key", "", []string{topic("v1"), topic("v2"), "--level", "Ze"}, exitError, "--level: Ze is about rows without a key, and these have one: use E5 or E6"},
		{"Ze and a key", "", []string{topic("v1"), topic("v2"), "--key", "symbol", "--level", "Ze"}, exitError, "--level: Ze is about rows without a key, and --key names one"},
		{"two empty sides", "", []string{topic("empty"), write("none-yet.jsonl", ""), "--key", "symbol"}, exitInconclusive, "the left and the right side has no record"},
		{"two empty sides, allowed", "", []string{topic("empty"), write("none-yet.jsonl", ""), "--key", "symbol", "--allow-empty"}, exitPass, "EQUAL at E6 neither side has a record"},
		{"one empty side, when two are allowed", "", []string{topic("v1"), topic("empty"), "--key", "symbol", "--allow-empty"}, exitInconclusive, "the right side has no record"},
		{"no such column", "", []string{topic("v1"), topic("v2"), "--key", "a,b"}, exitError, "has no column a"},
		{"no such file", "", []string{topic("v1"), filepath.Join(dir, "none.jsonl")}, exitError, "none.jsonl"},
		{"a bad address", "", []string{topic("v1"), "kafka://b"}, exitError, "write kafka://BROKER[,BROKER]/TOPIC"},
		{"a bad memory", "", []string{topic("v1"), topic("v2"), "--memory", "5"}, exitError, "--memory: 5 has no unit"},
		{"a bad security file", "", []string{topic("v1"), topic("v2"), "--kafka", rules}, exitError, "unknown key rules"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := compareSides(t, c.in, c.args...)
			text := strings.Join(strings.Fields(out+errs), " ")
			if code != c.code || !strings.Contains(text, strings.Join(strings.Fields(c.want), " ")) {
				t.Errorf("exit %d, want %d with %q:\n%s%s", code, c.code, c.want, out, errs)
			}
		})
	}
	html := filepath.Join(dir, "report.html")
	if code, _, errs := compareSides(t, "", topic("v1"), topic("other"), "--html", html); code != exitFail {
		t.Errorf("exit %d: %s", code, errs)
	}
	if text, err := os.ReadFile(html); err != nil || !strings.Contains(string(text), "value: N") {
		t.Errorf("%v: %d bytes of HTML", err, len(text))
	}
	code, out, _ := compareSides(t, "", "--json", topic("v1"), topic("other"))
	var got struct {
		Equal   bool
		Level   string
		Result  struct{ Differing, Paired int64 }
		Columns []struct {
			Column string
			Differ int64
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitFail || got.Equal || got.Level != "E6" || got.Result.Differing != 1 || got.Columns[0].Column != "N" || got.Columns[0].Differ != 1 {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
}
