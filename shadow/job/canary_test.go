package job_test

import (
	"strings"
	"testing"

	"parallax/config"
	"parallax/shadow/job"
)

// TestAScriptThatCannotBeACanaryIsRefused, with the reason, unless the plan leaves out the
// stage that is in the way.
func TestAScriptThatCannotBeACanaryIsRefused(t *testing.T) {
	const (
		stream = "CREATE STREAM s (k STRING KEY, v BIGINT) WITH (kafka_topic='s', value_format='JSON');"
		keyed  = "CREATE TABLE o WITH (kafka_topic='o') AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;"
		bare   = "CREATE STREAM c (v BIGINT) WITH (kafka_topic='c', value_format='JSON'); CREATE STREAM d WITH (kafka_topic='d') AS SELECT v FROM c;"
		scoped = "CREATE TABLE w WITH (kafka_topic='w', emit_scope='window') AS SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY k;"
		auto   = "migration: {auto: true}\n"
	)
	for _, c := range []struct{ script, keys, want string }{
		{stream + keyed, auto, ""},
		{stream + scoped, "", ""},
		{stream + scoped, auto, "migration.plan: W has emit_scope='window'"},
		{stream + scoped, "migration: {plan: [done]}\n", ""},
		{bare, auto, "migration.plan: a canary takes V2's rows for a percentage of the keys, and no output has a key"},
		{bare, "migration: {plan: [promoted, done]}\n", "canary.level: E2 compares the rows of each key, and the rows of D"},
		{bare, "migration: {plan: [promoted, done]}\ncanary: {level: E1}\n", ""},
		{stream + keyed + bare, "migration: {plan: [\"canary:5 1h\"]}\n", ""},
		{stream + keyed + bare, auto, "canary.level: E2 compares the rows of each key, and the rows of D"},
		{stream + keyed + bare, auto + "canary: {level: E1}\n", ""},
	} {
		text := "job: j\nkafka: {brokers: [a:1], group: g}\nsql: \"" + c.script + "\"\n" + c.keys
		l, err := config.Parse("job.yaml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = job.Compile(l)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s%s: %v\nwant %q", c.keys, c.script, err, c.want)
		}
	}
}
