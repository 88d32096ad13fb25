package kafka_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/kafka"
)

// TestAJobReadsAndWritesTheBytesOfItsFormats takes records of topic in through a
// job to topic out: what is there is what Kafka's own clients would see.
func TestAJobReadsAndWritesTheBytesOfItsFormats(t *testing.T) {
	for _, c := range []struct {
		shows, script string
		in            []kgo.Record
		out, dead     []string
	}{
		{
			shows: "DELIMITED, a tab between fields in and a semicolon between those out",
			script: `CREATE STREAM t (k STRING KEY, a INT, s STRING) WITH (kafka_topic='in', value_format='DELIMITED', value_delimiter='TAB');
				CREATE STREAM o WITH (kafka_topic='out', value_delimiter=';') AS SELECT a * 2 AS b, s FROM t;`,
			in: []kgo.Record{
				{Key: []byte("k"), Value: []byte("7\tone;two")},
				{Key: []byte("k"), Value: []byte("8\t\n")},
				{Key: []byte("k"), Value: nil},
				{Key: []byte("k"), Value: []byte("9")},
			},
			out: []string{`0 "k"  1000`, `0 "k" 14;"one;two" 1000`, `0 "k" 16; 1000`},
			dead: []string{
				`0 "k" 9 1000 parallax.topic=in parallax.partition=0 parallax.offset=3 parallax.error=the value has 1 fields, and the source 2 value columns parallax.job=job`,
			},
		},
		{
			shows: "KAFKA values, and NULL as a null value",
			script: `CREATE STREAM t (a BIGINT) WITH (kafka_topic='in', value_format='KAFKA');
				CREATE STREAM o WITH (kafka_topic='out') AS SELECT NULLIF(CAST(a AS INT), 7) AS b FROM t;`,
			in:  []kgo.Record{{Value: []byte{0, 0, 0, 0, 0, 0, 0, 65}}, {Value: []byte{0, 0, 0, 0, 0, 0, 0, 7}}, {Value: []byte("65")}},
			out: []string{"0 \"\" \x00\x00\x00A 1000", "0 \"\"  1000"},
			dead: []string{
				`0 "" 65 1000 parallax.topic=in parallax.partition=0 parallax.offset=2 parallax.error=value column A: BIGINT has 8 bytes, not 2 parallax.job=job`,
			},
		},
		{
			shows: "bare JSON values, and DELIMITED keys of several columns",
			script: `CREATE STREAM t (k STRING KEY, l INT KEY, a STRING) WITH (kafka_topic='in', key_format='DELIMITED', key_delimiter='|', wrap_single_value=false);
				CREATE TABLE o WITH (kafka_topic='out', wrap_single_value=false, key_in_value=false) AS SELECT l, k, MAX(a) AS m FROM t GROUP BY l, k;`,
			in: []kgo.Record{
				{Key: []byte("x|1"), Value: []byte(`"p"`)}, {Key: []byte(`"x|y"|2`), Value: []byte("12")}, {Key: []byte("|"), Value: []byte("null")},
			},
			out: []string{`0 "1|x" "p" 1000`, `0 "2|\"x|y\"" "12" 1000`, `0 "|" null 1000`},
		},
		{
			shows: "headers in columns",
			script: `CREATE STREAM t (a INT, one BYTES HEADER('h'), h ARRAY<STRUCT<key STRING, value BYTES>> HEADERS) WITH (kafka_topic='in');
				CREATE STREAM o WITH (kafka_topic='out') AS SELECT a, FROM_BYTES(one, 'utf8') AS one, h FROM t;`,
			in: []kgo.Record{
				{Value: []byte(`{"a":1}`), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("first")}, {Key: "h", Value: []byte("last")}}},
				{Value: []byte(`{"a":2,"one":"not from here"}`)},
			},
			out: []string{`0 "" {"A":1,"ONE":"last","H":[{"KEY":"h","VALUE":"Zmlyc3Q="},{"KEY":"h","VALUE":"bGFzdA=="}]} 1000`, `0 "" {"A":2,"ONE":null,"H":[]} 1000`},
		},
		{
			shows: "times of columns, in and out: a row without one is a dead letter, and not lost",
			script: `CREATE STREAM t (k STRING KEY, s STRING, a BIGINT) WITH (kafka_topic='in', timestamp='s', timestamp_format='dd.MM.yyyy HH:mm');
				CREATE STREAM o WITH (kafka_topic='out', timestamp='a') AS SELECT a, ROWTIME AS t FROM t;`,
			in: []kgo.Record{
				{Key: []byte("k"), Value: []byte(`{"s":"01.01.1970 00:01","a":5}`)},
				{Key: []byte("k"), Value: []byte(`{"s":"01.01.1970 00:02","a":-1}`)},
				{Key: []byte("k"), Value: []byte(`{"s":"01.01.1970 00:03"}`)},
				{Key: []byte("k"), Value: []byte(`{"s":"1970","a":5}`)},
			},
			out: []string{`0 "k" {"A":5,"T":60000} 5`},
			dead: []string{
				`0 "k" {"A":-1,"T":120000} 120000 parallax.sink=out parallax.topic=in parallax.partition=0 parallax.offset=1 parallax.error=the row's timestamp column A (-1) is negative parallax.job=job`,
				`0 "k" {"A":null,"T":180000} 180000 parallax.sink=out parallax.topic=in parallax.partition=0 parallax.offset=2 parallax.error=the row's timestamp column A is NULL parallax.job=job`,
				`0 "k" {"s":"1970","a":5} 1000 parallax.topic=in parallax.partition=0 parallax.offset=3 parallax.error=the timestamp column: "1970" does not match timestamp_format parallax.job=job`,
			},
		},
	} {
		t.Run(c.shows, func(t *testing.T) {
			onBrokers(t, func(t *testing.T, p *place) {
				p.put(t, "in", c.in)
				pl := p.compile(t, c.script)
				p.whole(t, "g", pl, kafka.Options{UntilEnd: true})
				if got := p.read(t, "out"); !slices.Equal(got, c.out) {
					t.Errorf("got\n%q\nwant\n%q", got, c.out)
				}
				if len(c.dead) == 0 {
					return
				}
				dead := slices.Clone(c.dead)
				for i := range dead {
					dead[i] = strings.NewReplacer("parallax.topic=", "parallax.topic="+p.prefix, "parallax.sink=", "parallax.sink="+p.prefix).Replace(dead[i])
				}
				if got := p.read(t, "in.dlq"); !slices.Equal(got, dead) {
					t.Errorf("dead letters\n%q\nwant\n%q", got, dead)
				}
			})
		})
	}
}

// put makes a topic of one partition with records, all of the same time where they
// have none.
func (p *place) put(t *testing.T, topic string, records []kgo.Record) {
	t.Helper()
	c := p.newClient(t)
	defer c.Close()
	keep := map[string]*string{"retention.ms": kadm.StringPtr("-1")}
	if _, err := kadm.NewClient(c).CreateTopic(t.Context(), 1, -1, keep, p.prefix+topic); err != nil {
		t.Fatal(err)
	}
	for i := range records {
		r := records[i]
		r.Topic = p.prefix + topic
		if r.Timestamp.IsZero() {
			r.Timestamp = time.UnixMilli(1000)
		}
		if err := c.ProduceSync(t.Context(), &r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}
