package job_test

import (
	"strings"
	"testing"

	"parallax/config"
	"parallax/shadow/job"
)

// TestAKeyThatHasNoEffectWithTheScriptIsRefused, and is accepted with a script that it has
// one with.
func TestAKeyThatHasNoEffectWithTheScriptIsRefused(t *testing.T) {
	const (
		stream   = "CREATE STREAM s (k STRING KEY, v BIGINT, ts BIGINT) WITH (kafka_topic='s', value_format='JSON');"
		other    = "CREATE STREAM r (k STRING KEY, w BIGINT) WITH (kafka_topic='r', value_format='JSON');"
		timed    = "CREATE STREAM s (k STRING KEY, v BIGINT, ts BIGINT) WITH (kafka_topic='s', value_format='JSON', timestamp='ts');"
		copies   = "CREATE STREAM o AS SELECT k, v FROM s;"
		groups   = "CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;"
		tumbling = "CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY k;"
		session  = "CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s WINDOW SESSION (1 MINUTE) GROUP BY k;"
		later    = "CREATE STREAM a AS SELECT k, v FROM s; CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM a WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY k;"
		joined   = "CREATE STREAM o AS SELECT s.k, v, w FROM s JOIN r WITHIN 1 MINUTE ON s.k = r.k;"
	)
	const late, future = "late: dlq\n", "kafka: {brokers: [a:1], group: g, max_future: 2h}\n"
	const noneLate, noColumn = "job.yaml:3:1: late: has no effect, because no query of the script has a window", "job.yaml:3:35: kafka.max_future: has no effect, because no source"
	for _, c := range []struct{ script, keys, want string }{
		{stream + copies, late, noneLate},
		{stream + groups, late, noneLate},
		{stream + tumbling, late, ""},
		{stream + session, late, ""},
		{stream + later, late, ""},
		{stream + other + joined, late, ""},
		{stream + copies, "late: drop\n", ""},
		{stream + tumbling, future, noColumn},
		{timed + copies, future, ""},
	} {
		text := "job: j\nsql: \"" + c.script + "\"\n" + c.keys
		if c.keys != future {
			text += "kafka: {brokers: [a:1], group: g}\n"
		}
		l, err := config.Parse("job.yaml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = job.Compile(l)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%s%s: %v\nwant %q", c.keys, c.script, err, c.want)
		}
	}
}
