package config

import (
	"encoding"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write docs/CONFIGURATION.md")

const referencePage = "../docs/CONFIGURATION.md"

// examples is an example value for each key, as in a job file.
var examples = map[string]string{
	"job": "trades-by-symbol", "sql": "\"CREATE STREAM …\"", "sql_file": "trades.sql", "emit": "false", "scope": "topic",
	"kafka.brokers": "[broker1:9092, broker2:9092]", "kafka.group": "parallax-trades", "kafka.start": "2026-01-02T03:04:05Z",
	"kafka.batch": "10000", "kafka.idle": "5s", "kafka.hold": "64MiB", "kafka.max_future": "1h",
	"kafka.tls.enabled": "true", "kafka.tls.ca_file": "/etc/kafka/ca.pem", "kafka.tls.cert_file": "/etc/kafka/client.pem",
	"kafka.tls.key_file":   "/etc/kafka/client.key",
	"kafka.sasl.mechanism": "SCRAM-SHA-512", "kafka.sasl.username": "parallax", "kafka.sasl.password_file": "/run/secrets/kafka",
	"kafka.sasl.password_env": "KAFKA_PASSWORD",
	"sink.topic":              "out", "processors.v1": "v1", "processors.v2": "v2:8", "v1.own_core": "true",
	"v2.deadline": "10s", "v2.memory": "1GiB", "v2.shed_after": "100ms", "v2.spare_cpu": "0", "v2.queue": "16", "v2.on_overload": "block",
	"v2.backpressure.enabled": "false", "v2.backpressure.queue_threshold": "16000", "v2.backpressure.latency_threshold_ms": "100",
	"v2.backpressure.throttle.min_delay_us": "100", "v2.backpressure.throttle.max_delay_ms": "10",
	"v2.backpressure.throttle.backoff_multiplier": "2.0", "v2.isolated": "true", "v2.reseed": "false", "v2.reseed_after": "1s",
	"v2.reseed_max": "5m", "v2.max_abandoned": "3", "v2.partitioning_strategy": "always_hash", "v2.force_strategy": "true",
	"v2.num_partitions": "8", "v2.enable_core_affinity": "true", "split.percent": "5", "split.by": "key",
	"diff.require_level": "E1", "diff.rules[].topic": "by-symbol", "diff.rules[].column": "AVERAGE", "diff.rules[].ignore": "true",
	"diff.rules[].absolute": "0.01", "diff.rules[].relative": "1e-9", "diff.rules[].ulp": "4", "diff.rules[].time": "1ms",
	"diff.rules[].epsilon": "1e-9", "diff.rules[].ignore_case": "true", "diff.rules[].ignore_space": "true", "diff.rules[].uuid": "true",
	"diff.rules[].null_is": "absent", "diff.rules[].only_in": "v2", "diff.rules[].bag": "true", "diff.rules[].pair_by": "ID",
	"diff.rules[].owner": "ana@example.com", "diff.rules[].reason": "V2 sums in another order", "diff.rules[].expires": "2030-12-31",
	"diff.rules[].max_rate": "0.001",
	"reports.dir":           "/var/lib/parallax/reports", "reports.schedule": "\"17 3 * * *\"", "reports.time_zone": "Europe/Berlin", "reports.keep": "30d",
	"reports.deliver[].webhook": "https://ci.example.com/parallax", "reports.deliver[].webhook_env": "SLACK_URL", "reports.deliver[].webhook_file": "/run/secrets/webhook",
	"reports.deliver[].format": "slack", "reports.deliver[].secret_env": "WEBHOOK_SECRET", "reports.deliver[].secret_file": "/run/secrets/webhook-key",
	"reports.deliver[].smtp": "mail.example.com:587", "reports.deliver[].tls": "starttls", "reports.deliver[].from": "parallax@example.com",
	"reports.deliver[].to": "[ana@example.com, bo@example.com]", "reports.deliver[].username": "parallax", "reports.deliver[].password_env": "MAIL_PASSWORD",
	"reports.deliver[].password_file": "/run/secrets/mail", "reports.deliver[].ca_file": "/etc/ssl/company.pem", "reports.deliver[].timeout": "30s",
	"gate.min_records": "10000", "gate.min_keys": "1000", "gate.min_units": "3000", "gate.min_partitions": "2", "gate.max_late": "0.05",
	"gate.max_probability": "0.001", "gate.confidence": "0.95", "gate.min_event_time": "2h", "gate.max_tolerated": "0.05",
	"gate.strata.tombstones": "100", "gate.strata.retractions": "100", "gate.strata.null_keys": "10", "gate.strata.late": "10",
	"gate.strata.window:tumbling": "50", "gate.strata.window:hopping": "50", "gate.strata.window:session": "50",
	"migration.plan": "[\"canary:5 1h\", \"promoted 24h\", done]", "migration.stage": "canary:5", "migration.auto": "true", "migration.salt": "orders", "migration.min_rows": "5000",
	"migration.patience": "1m", "migration.rollback.max_fallbacks": "0", "migration.rollback.cooldown": "30m", "canary.wait": "500ms", "canary.level": "E1",
	"gate.max_slowdown": "0.1", "commit.interval": "100ms", "commit.max_records": "100000", "commit.max_bytes": "64MiB",
	"dead_letter": "trades-refused", "kafka.patience": "30m", "state.enabled": "false", "state.dir": "/var/lib/parallax", "state.interval": "10s",
	"evidence.enabled": "false", "evidence.dir": "/var/lib/parallax/evidence", "evidence.redact": "[trades.account]", "evidence.keep": "30d", "evidence.max_size": "256MiB",
	"state.keep": "3", "state.rate": "16MiB", "on_error": "dlq", "late": "dlq", "listen": "127.0.0.1:8080",
	"job_server.processor_architecture": "v2", "job_server.v2.num_partitions": "8", "job_server.v2.processing_mode": "batch",
	"job_server.v2.batch_size": "1000", "job_server.v2.enable_core_affinity": "true", "job_server.v2.backpressure": "{enabled: true, queue_threshold: 16000, latency_threshold_ms: 100}",
}

// entry is a key of a job file.
type entry struct {
	key, typ, preset, meaning string
	section                   bool
}

// TestTheReferenceListsEveryKey compares docs/CONFIGURATION.md with the configuration
// structs: their fields, their comments and their defaults. go test ./config -run
// TheReference -update writes the page.
func TestTheReferenceListsEveryKey(t *testing.T) {
	comments := fieldComments{}
	entries := comments.list(t, reflect.ValueOf(Default()), "")
	var page strings.Builder
	page.WriteString(referenceHead)
	title := "The top of the file"
	var rows []entry
	flush := func() {
		if len(rows) == 0 {
			return
		}
		fmt.Fprintf(&page, "\n## %s\n\n| key | type | default | meaning | example |\n|---|---|---|---|---|\n", title)
		for _, e := range rows {
			value, ok := examples[e.key]
			if !ok {
				t.Errorf("no example of %s", e.key)
			}
			fmt.Fprintf(&page, "| `%s` | %s | %s | %s | `%s` |\n", e.key, e.typ, e.preset, e.meaning, value)
		}
		rows = nil
	}
	for _, depth := range []bool{false, true} { // the keys at the top come first
		for _, e := range entries {
			if top := !strings.Contains(e.key, "."); (!top || e.section) != depth {
				continue
			}
			if e.section {
				flush()
				title = fmt.Sprintf("`%s`: %s", e.key, strings.TrimSuffix(lowerFirst(e.meaning), "."))
				continue
			}
			rows = append(rows, e)
		}
		flush()
	}
	if *update {
		if err := os.WriteFile(referencePage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(page.String(), string(have)); d != "" {
		t.Errorf("docs/CONFIGURATION.md is not what the structs say (go test ./config -run TheReference -update):\n%s", d)
	}
}

// TestEveryExampleOfTheReferenceLoads lays each example over a job file.
func TestEveryExampleOfTheReferenceLoads(t *testing.T) {
	t.Setenv("KAFKA_PASSWORD", "secret")
	known := map[string]bool{}
	for _, key := range knownKeys(reflect.TypeFor[Job](), "") {
		known[key] = true
	}
	for key, value := range examples {
		var job map[string]any
		if err := yaml.Unmarshal([]byte(example(t)), &job); err != nil {
			t.Fatal(err)
		}
		if key == "sql_file" {
			delete(job, "sql")
		}
		var v any
		if err := yaml.Unmarshal([]byte(value), &v); err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		path := strings.Split(key, ".")
		if strings.HasPrefix(key, "diff.rules[].") {
			rule := map[string]any{"column": "A", "owner": "o", "reason": "r", "expires": "2030-12-31", "max_rate": 0.5}
			name := path[len(path)-1]
			rule[name] = v
			switch name {
			case "topic", "column", "owner", "reason", "expires", "max_rate":
				rule["ignore"] = true
			}
			path, v = []string{"diff", "rules"}, []any{rule}
		} else if name, ok := strings.CutPrefix(key, "reports.deliver[]."); ok {
			receiver := map[string]any{}
			switch name {
			case "smtp", "tls", "from", "to", "username", "password_env", "password_file":
				receiver = map[string]any{"smtp": "mail:25", "from": "a@example.com", "to": []any{"b@example.com"}}
				if name == "username" {
					receiver["password_env"] = "X"
				}
				if strings.HasPrefix(name, "password_") {
					receiver["username"] = "u"
				}
			case "webhook", "webhook_env", "webhook_file":
			default:
				receiver["webhook"] = "https://example.com"
			}
			receiver[name] = v
			path, v = []string{"reports", "deliver"}, []any{receiver}
		} else if !known[key] {
			t.Errorf("example of %s, which is no key", key)
		}
		if strings.HasPrefix(key, "kafka.sasl.") {
			put(job, "SCRAM-SHA-256", "kafka", "sasl", "mechanism")
			put(job, "me", "kafka", "sasl", "username")
			if key != "kafka.sasl.password_file" {
				put(job, "KAFKA_PASSWORD", "kafka", "sasl", "password_env")
			}
		}
		if strings.HasPrefix(key, "kafka.tls.") {
			put(job, true, "kafka", "tls", "enabled")
		}
		switch key { // which has an effect beside another key only
		case "kafka.tls.key_file":
			put(job, "client.pem", "kafka", "tls", "cert_file")
		case "v2.force_strategy":
			put(job, "always_hash", "v2", "partitioning_strategy")
		}
		put(job, v, path...)
		text, err := yaml.Marshal(job)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse("job.yaml", text, nil); err != nil {
			t.Errorf("%s: %s: %v", key, value, err)
		}
	}
}

// example is the complete job file on the page.
func example(t *testing.T) string {
	_, text, _ := strings.Cut(referenceHead, "```yaml job.yaml\n")
	text, _, ok := strings.Cut(text, "```")
	if !ok {
		t.Fatal("the page has no job file")
	}
	return text
}

// put sets a key of a job; path are the parts of the key.
func put(job map[string]any, v any, path ...string) {
	for ; len(path) > 1; path = path[1:] {
		inner, ok := job[path[0]].(map[string]any)
		if !ok {
			inner = map[string]any{}
			job[path[0]] = inner
		}
		job = inner
	}
	job[path[0]] = v
}

const referenceHead = `# Configuration

For those who write a job file. After reading this page you can set every key: it lists each key's type, default, meaning and an example.

The smallest job file:

` + "```yaml job.yaml" + `
job: trades
kafka: {brokers: [localhost:9092], group: parallax-trades}
sql: |
  CREATE STREAM trades (symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');
  CREATE TABLE volumes WITH (kafka_topic='volumes') AS SELECT symbol, SUM(quantity) AS volume FROM trades GROUP BY symbol EMIT CHANGES;
` + "```" + `

` + "`parallax validate`" + ` checks a job file, and ` + "`parallax config`" + ` shows the value of every key and where it came from:

` + "```console" + `
$ parallax validate job.yaml | head -1
job.yaml: job trades is valid
$ PARALLAX_KAFKA__BATCH=500 parallax config job.yaml | grep kafka.batch | tr -s ' '
kafka.batch 500 PARALLAX_KAFKA__BATCH
` + "```" + `

An environment variable overrides a key of the file. Its name is ` + "`PARALLAX_`" + ` and the key in capitals, with two underscores for each point, such as
` + "`PARALLAX_KAFKA__BROKERS=broker1:9092,broker2:9092`" + `. A flag overrides the environment.

A duration needs a unit (` + "`ms`, `s`, `m`, `h`" + `), and so does a size (` + "`KiB`, `MiB`, `GiB`, or `KB`, `MB`, `GB`" + `). A key that does not exist, or that has no
effect in the job, is an error with its line and column. Only where the environment switches something off, such as V2 by
` + "`PARALLAX_PROCESSORS__V2=off`" + `, may the file's keys for it stay.

This page is generated from the comments of the configuration structs.
`

// fieldComments are the comments of the fields of structs, by package directory, type
// and field.
type fieldComments map[string]map[string]map[string]string

// list returns the entries of a configuration struct, sections before their keys.
func (c fieldComments) list(t *testing.T, v reflect.Value, prefix string) []entry {
	var out, sections []entry // sections come after the plain keys of their level
	for i := range v.NumField() {
		field := v.Type().Field(i)
		tag := field.Tag.Get("koanf")
		value, absent := v.Field(i), false
		if value.Kind() == reflect.Pointer {
			if absent = value.IsNil(); absent {
				value = reflect.New(field.Type.Elem())
			}
			value = value.Elem()
		}
		if strings.HasSuffix(tag, ",squash") {
			for _, e := range c.list(t, value, prefix) {
				if e.section || strings.Count(e.key, ".") > strings.Count(prefix, ".") {
					sections = append(sections, e)
				} else {
					out = append(out, e)
				}
			}
			continue
		}
		if tag == "" {
			continue
		}
		e := entry{key: prefix + tag, meaning: c.of(t, v.Type(), field.Name)}
		if e.key == "job_server.v2.backpressure" { // its keys are listed under v2
			e.typ, e.preset = "mapping", "as `v2.backpressure`"
			out = append(out, e)
			continue
		}
		switch value.Interface().(type) {
		case encoding.TextMarshaler:
		default:
			if value.Kind() == reflect.Struct {
				e.section = true
				sections = append(append(sections, e), c.list(t, value, e.key+".")...)
				continue
			}
			if value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Struct {
				e.section, e.key = true, e.key+"[]"
				sections = append(append(sections, e), c.list(t, reflect.New(value.Type().Elem()).Elem(), e.key+".")...)
				continue
			}
		}
		e.typ = typeName(value.Type(), field.Tag.Get("unit"))
		preset := show(value)
		if d, ok := value.Interface().(time.Duration); ok && d > 0 {
			preset = shortDuration(d)
		}
		if e.preset = "`" + preset + "`"; absent || e.preset == "``" || strings.Contains(prefix, "[]") {
			e.preset = "–"
		}
		if e.key == "v2.memory" {
			e.preset = "`1GiB` or less" // it depends on the machine
		} else if e.typ == "size" && e.preset != "–" {
			e.preset = fmt.Sprintf("`%dMiB`", value.Int()>>20)
		}
		out = append(out, e)
	}
	return append(out, sections...)
}

// shortDuration is a duration as a person writes it: 10m, not 10m0s.
func shortDuration(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

func TestADurationIsWrittenWithItsWholeNumber(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "1h", 10 * time.Minute: "10m", time.Minute: "1m", 90 * time.Second: "1m30s", 100 * time.Millisecond: "100ms", 10 * time.Hour: "10h",
	} {
		if got := shortDuration(d); got != want {
			t.Errorf("%d ns is %q, want %q", d, got, want)
		}
	}
}

// of returns the comment of a field without the field's name at the beginning.
func (c fieldComments) of(t *testing.T, owner reflect.Type, field string) string {
	dir := filepath.Join("..", strings.TrimPrefix(owner.PkgPath(), "parallax"))
	if c[dir] == nil {
		c[dir] = parseComments(t, dir)
	}
	text := strings.Join(strings.Fields(c[dir][owner.Name()][field]), " ")
	if text == "" {
		t.Errorf("%s.%s in %s has no comment of its own", owner.Name(), field, dir)
		return ""
	}
	first, rest, _ := strings.Cut(text, " ")
	if strings.TrimSuffix(first, ",") != field {
		t.Errorf("the comment of %s.%s in %s does not begin with its name", owner.Name(), field, dir)
	}
	for _, verb := range []string{"in bytes, ", "in milliseconds, ", "in microseconds, ", "is ", "are "} {
		rest = strings.TrimPrefix(rest, verb)
	}
	return strings.ReplaceAll(strings.ToUpper(rest[:1])+rest[1:], "|", "\\|")
}

func parseComments(t *testing.T, dir string) map[string]map[string]string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]map[string]string{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				fields := map[string]string{}
				for _, field := range s.Fields.List {
					for _, name := range field.Names {
						fields[name.Name] = field.Doc.Text()
					}
				}
				types[spec.Name.Name] = fields
			}
			return true
		})
	}
	return types
}

func typeName(t reflect.Type, unit string) string {
	switch {
	case unit == "bytes":
		return "size"
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case t.Kind() == reflect.Slice:
		return "list of " + typeName(t.Elem(), "")
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Float64:
		return "number"
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		if t.PkgPath() == "" {
			return "whole number"
		}
	}
	if t.PkgPath() == "" {
		return "text"
	}
	return "word"
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
