package config

import (
	"strings"
	"testing"
)

// A key with a point must be written nested, and the error says so. No error about an
// invalid file contains a library's own text.
func TestKeysWithPointsAreWrittenNested(t *testing.T) {
	const head = "job: j\nkafka: {brokers: [a:1], group: g}\nsql: SELECT 1 FROM t;\n"
	for text, want := range map[string]string{
		head + "kafka.batch: 5\n":                          "job.yaml:4:1: key kafka.batch has a point in it; write it nested, as kafka: {batch: ...}",
		head + "v2.backpressure.enabled: true\n":           "job.yaml:4:1: key v2.backpressure.enabled has a point in it; write it nested, as v2: {backpressure: {enabled: ...}}",
		head + "v2: {backpressure.enabled: true}\n":        "job.yaml:4:6: key backpressure.enabled in v2 has a point in it; write it nested, as backpressure: {enabled: ...}",
		head + "x: &x {dead_line: 3s}\nv2: *x\n":           "unknown key v2.dead_line",
		head + "diff: {rules: [{column: a, column: b}]}\n": "job.yaml:4:28: key diff.rules[0].column is given twice",
		head + "emit: !!bool maybe\n":                      `job.yaml:4:7: emit: "maybe" must be true or false`,
		"job: [a":                                          "job.yaml:1: not valid YAML: ",
		head + "v2: {deadline: 3s\n":                       "job.yaml:4: not valid YAML: a mapping that begins with { has no } at its end",
		"job: j\nsql: |\n  SELECT 1\nFROM t;\nkafka: {}\n": "not valid YAML: ",
		"job: \"j\n":            "not valid YAML: a quote is not closed",
		"job: @x\n":             "not valid YAML: ",
		"job: j\n  kafka: {}\n": "not valid YAML: ",
		"job: *x\n":             "not valid YAML: ",
	} {
		_, err := Parse("job.yaml", []byte(text), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  %v\n  want %s", text, err, want)
			continue
		}
		for _, foreign := range foreignTexts {
			if strings.Contains(err.Error(), foreign) {
				t.Errorf("%s\n  the error has a text of a library: %v", text, err)
			}
		}
	}
}

// foreignTexts must not occur in an error.
var foreignTexts = []string{"strconv", "mapstructure", "decoding failed", "invalid keys", "config.Job", "yaml: line", "unmarshal", "did not find expected", "cannot parse", "!!"}

// A job file that was damaged at any byte is an error in our words, or still valid.
func TestNoErrorOfALibraryGetsOut(t *testing.T) {
	const job = "job: j\nkafka: {brokers: [a:1], group: g, batch: 5}\nsql: |\n  SELECT 1 FROM t;\nv2:\n  deadline: 3s\n  backpressure: {enabled: true}\ngate: {max_slowdown: 0.1}\ndiff:\n  rules:\n    - {column: a, ulp: 4, owner: o, reason: r, expires: 2030-12-31, max_rate: 0.1}\n"
	for i := range len(job) {
		for _, edit := range []string{"", "\n", "\t", "{", "}", "[", "]", ":", ": ", ".", "-", "*", "&x ", "!!int ", "\"", "'", "#", "%", "\x00", "\xff", "? ", "<<: ", "1", "~", "---\n"} {
			_, err := Parse("job.yaml", []byte(job[:i]+edit+job[i:]), nil)
			if err == nil {
				continue
			}
			for _, foreign := range foreignTexts {
				if strings.Contains(err.Error(), foreign) && !strings.Contains(edit, foreign) {
					t.Fatalf("%q at byte %d: the error has a text of a library: %v", edit, i, err)
				}
			}
		}
	}
}
