package kafka_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/plan"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka"
	"parallax/shadow/kafka/journal"
)

// decidedByArrival runs a live job with two topic-partitions over a part whose order depends on arrival, and
// stops it as after a crash. Something of the journal lies before the checkpoint, and something after it.
func decidedByArrival(t *testing.T, p *place) (pl *plan.Plan, from *checkpoint) {
	t.Helper()
	p.fill(t, 0, 2)
	pl, produce := p.compile(t, totals), p.producer(t)
	in, err := p.begin(t, p.config("g"), pl, kafka.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	take := func(partition int32, ts int) {
		produce(partition, ts)
		in.steps(t, 1)
	}
	take(0, 100)
	in.commit(t)
	from = in.checkpoint(t)
	take(0, 70_000)
	take(1, 200)
	in.commit(t)
	take(1, 300)
	in.commit(t)
	in.stop(t)
	return pl, from
}

func (p *place) admin(t *testing.T) *kadm.Client {
	t.Helper()
	c := kadm.NewClient(p.newClient(t))
	t.Cleanup(c.Close)
	return c
}

// journals returns the journal topics that exist.
func (p *place) journals(t *testing.T) (names []string) {
	t.Helper()
	topics, err := p.admin(t).ListTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range topics.Names() {
		if strings.HasSuffix(name, ".journal") {
			names = append(names, name)
		}
	}
	return names
}

func TestAJobThatNeedsNoJournalMakesNoTopic(t *testing.T) {
	for name, c := range map[string]struct {
		partitions int
		sql        string
		opt        kafka.Options
		want       int
	}{
		"one topic-partition":          {1, totals, kafka.Options{Stateful: true}, 0},
		"without output":               {3, totals, kafka.Options{Stateful: true, NoOutput: true}, 0},
		"without state":                {3, copies, kafka.Options{}, 0},
		"several, with state and rows": {3, totals, kafka.Options{Stateful: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				p.fill(t, 10, c.partitions)
				pl := p.compile(t, c.sql)
				c.opt.UntilEnd, c.opt.Resume = true, func(kafka.Committed) (*ingest.Place, error) { return nil, nil }
				p.whole(t, "g", pl, c.opt)
				if got := p.journals(t); len(got) != c.want {
					t.Errorf("%v", got)
				}
			})
		})
	}
}

func TestTheJournalTopicIsMadeWithItsRetentionAndChecked(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		pl, from := decidedByArrival(t, p)
		admin, name := p.admin(t), kafka.JournalTopic("job")
		described, err := admin.DescribeTopicConfigs(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range described[0].Configs {
			if want, ok := map[string]string{"retention.ms": "604800000", "retention.bytes": "-1", "cleanup.policy": "delete"}[one.Key]; ok && one.MaybeValue() != want {
				t.Errorf("%s is %s, want %s", one.Key, one.MaybeValue(), want)
			}
		}
		set := func(key, value string) {
			t.Helper()
			if _, err := admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: key, Value: &value}}, name); err != nil {
				t.Fatal(err)
			}
		}
		set("retention.ms", "100000")
		p.refused(t, pl, kafka.Options{StateInterval: time.Minute}, from, name+" keeps records for 1m40s", "at least two checkpoints, 2m0s", "raise retention.ms")
		set("retention.ms", "604800000")
		set("cleanup.policy", "compact")
		p.refused(t, pl, kafka.Options{}, from, name+" has cleanup.policy=compact", "set it to delete")
		set("cleanup.policy", "delete")
		if _, err := admin.CreatePartitions(t.Context(), 1, name); err != nil {
			t.Fatal(err)
		}
		p.refused(t, pl, kafka.Options{}, from, name+" has 2 partitions, want 1")
	})
}

func TestAJournalThatLacksWhatTheCheckpointNeedsIsRefused(t *testing.T) {
	name := kafka.JournalTopic("job")
	for _, c := range []struct {
		what  string
		spoil func(t *testing.T, p *place, admin *kadm.Client)
		want  []string
	}{
		{"deleted records", func(t *testing.T, _ *place, admin *kadm.Client) {
			ends, err := admin.ListEndOffsets(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := admin.DeleteRecords(t.Context(), ends.Offsets()); err != nil {
				t.Fatal(err)
			}
		}, []string{"needs the journal " + name + " from offset 1 on", "deleted the records before offset 6", "retention.ms", "--from-start"}},
		{"a topic that was deleted", func(t *testing.T, _ *place, admin *kadm.Client) {
			if _, err := admin.DeleteTopics(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}, []string{"needs the journal " + name + " from offset 1 on", "the topic ends at offset 0", "deleted and created again", "--from-start"}},
		{"a topic that was deleted and filled again", func(t *testing.T, p *place, admin *kadm.Client) {
			if _, err := admin.DeleteTopics(t.Context(), name); err != nil {
				t.Fatal(err)
			}
			if _, err := admin.CreateTopic(t.Context(), 1, -1, nil, name); err != nil {
				t.Fatal(err)
			}
			codec := newCodec(t)
			for range 9 {
				p.journalRecord(t, codec.Value(&journal.Record{Group: "another", Generation: 1, To: 9}))
			}
		}, []string{"is not what it was", "records of the journal " + name + " are missing", "--from-start"}},
		{
			"a record of another program", func(t *testing.T, p *place, _ *kadm.Client) { p.journalRecord(t, []byte("hello")) },
			[]string{"record 6 of the journal " + name + " cannot be read", "version 104", "--from-start"},
		},
		{"a record of positions that did not commit", func(t *testing.T, p *place, _ *kadm.Client) {
			p.journalRecord(t, newCodec(t).Value(&journal.Record{Group: "g", Generation: 1, From: 2, To: 3}))
		}, []string{"record 6 of the journal " + name + " is of positions 2 to 3", "set by hand", "--from-start"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				pl, from := decidedByArrival(t, p)
				c.spoil(t, p, p.admin(t))
				p.refused(t, pl, kafka.Options{}, from, c.want...)
			})
		})
	}
}

// journalRecord appends a record to the job's journal topic.
func (p *place) journalRecord(t *testing.T, value []byte) {
	t.Helper()
	c := p.newClient(t)
	defer c.Close()
	if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: kafka.JournalTopic("job"), Value: value}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func TestJobsOfOneNameAndOtherGroupsShareTheJournal(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		pl, from := decidedByArrival(t, p)
		codec := newCodec(t)
		for _, other := range []journal.Record{{Group: "another", Generation: 1, To: 3}, {Group: "g", Generation: 2, To: 3}} {
			p.journalRecord(t, codec.Value(&other))
		}
		in, err := p.begin(t, p.config("g"), pl, kafka.Options{UntilEnd: true}, from)
		if err != nil {
			t.Fatal(err)
		}
		for !in.steps(t, 1) {
		}
		in.stop(t)
		if done, total, isGoingOn := in.Replaying(); done != 3 || total != 3 || isGoingOn {
			t.Errorf("%d of %d records are replayed, going on: %v", done, total, isGoingOn)
		}
	})
}

func TestEachJobNameHasAJournalTopicOfItsOwnWithAValidName(t *testing.T) {
	if got := kafka.JournalTopic("trades-1"); got != "parallax.trades-1.journal" {
		t.Error(got)
	}
	seen := map[string]bool{}
	for _, job := range []string{"my job", "my_job", "my/job", "mÿ job", strings.Repeat("a", 300), strings.Repeat("a", 301)} {
		name := kafka.JournalTopic(job)
		if len(name) > 249 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" || seen[name] {
			t.Errorf("%s: %s", job, name)
		}
		seen[name] = true
	}
}

func newCodec(t *testing.T) *journal.Codec {
	t.Helper()
	c, err := journal.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
