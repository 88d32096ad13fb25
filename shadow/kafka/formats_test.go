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
	} {
		t.Run(c.shows, func(t *testing.T) {
			onBrokers(t, func(t *testing.T, p *place) {
				p.put(t, "in", c.in)
				pl := p.compile(t, c.script)
				task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := work(t.Context(), t, task, pl, 0); err != nil {
					t.Fatal(err)
				}
				if err := task.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := p.read(t, "out"); !slices.Equal(got, c.out) {
					t.Errorf("got\n%q\nwant\n%q", got, c.out)
				}
				if len(c.dead) == 0 {
					return
				}
				dead := slices.Clone(c.dead)
				for i := range dead {
					dead[i] = strings.Replace(dead[i], "parallax.topic=", "parallax.topic="+p.prefix, 1)
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
