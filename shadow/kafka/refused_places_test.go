package kafka_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/processors/plan"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka"
)

// refused continues a job from a checkpoint and wants that it is refused, by Open or by Next, with
// nothing written and the group's offsets where they were.
func (p *place) refused(t *testing.T, pl *plan.Plan, opt kafka.Options, from *checkpoint, want ...string) {
	t.Helper()
	sink := strings.TrimPrefix(pl.Sinks()[0].Topic, p.prefix)
	rows, offsets := p.read(t, sink), fmt.Sprint(p.offsets(t, "g"))
	opt.UntilEnd = true
	in, err := p.begin(t, p.config("g"), pl, opt, from)
	if err == nil {
		for err == nil {
			if err = in.step(t.Context()); err == nil {
				err = in.Commit(t.Context())
			}
		}
		in.stop(t)
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v\nlacks %q", err, part)
		}
	}
	if got := p.read(t, sink); !slices.Equal(got, rows) {
		t.Errorf("%d rows, there were %d", len(got), len(rows))
	}
	if got := fmt.Sprint(p.offsets(t, "g")); got != offsets {
		t.Errorf("committed\n%s\nwas\n%s", got, offsets)
	}
}

func TestOffsetsThatWereMovedByHandAreRefused(t *testing.T) {
	moved := func(t *testing.T, sql string, stateless bool, offset func(partition int32, at int64, note string) (int64, string), want ...string) {
		t.Helper()
		onBrokers(t, func(t *testing.T, p *place) {
			p.fill(t, 700, 3)
			pl := p.compile(t, sql)
			from := p.half(t, pl)
			if stateless {
				from = nil
			}
			p.setByHand(t, "g", offset)
			p.refused(t, pl, kafka.Options{}, from, append(want, "--from-start")...)
		})
	}
	all := func(by int64) func(int32, int64, string) (int64, string) {
		return func(_ int32, at int64, note string) (int64, string) { return at + by, note }
	}
	t.Run("without a note", func(t *testing.T) {
		moved(t, totals, false, func(_ int32, at int64, _ string) (int64, string) { return at, "" }, "has no note of parallax", "set by hand")
	})
	t.Run("without state", func(t *testing.T) {
		moved(t, copies, true, func(_ int32, at int64, _ string) (int64, string) { return at - 1, "" }, "has no note of parallax", "set by hand")
	})
	t.Run("one of them", func(t *testing.T) {
		moved(t, totals, false, func(partition int32, at int64, note string) (int64, string) {
			if partition == 1 {
				return at, note
			}
			return at, strings.Replace(note, "txn=1", "txn=0", 1)
		}, "from different commits", "trades/1", "set by hand")
	})
	t.Run("by a newer version", func(t *testing.T) {
		moved(t, totals, false, func(_ int32, at int64, note string) (int64, string) {
			return at, strings.Replace(note, "parallax/1", "parallax/9", 1)
		}, "version 9", "use the newer program")
	})
	t.Run("forward with their notes", func(t *testing.T) {
		moved(t, totals, false, all(3), "position", "set by hand", "nothing of it was written")
	})
	t.Run("back with their notes", func(t *testing.T) {
		moved(t, totals, false, all(-3), "the position is", "set by hand", "nothing of it was written")
	})
	t.Run("between two topic-partitions", func(t *testing.T) {
		moved(t, totals, false, func(partition int32, at int64, note string) (int64, string) {
			return at + []int64{1, -1, 0}[partition], note
		}, "order is", "nothing of it was written")
	})
}

func TestOffsetsThatDoNotFitTheCheckpointAreRefused(t *testing.T) {
	at := func(t *testing.T, change func(t *testing.T, p *place, place *ingest.Place), want ...string) {
		t.Helper()
		onBrokers(t, func(t *testing.T, p *place) {
			p.fill(t, 700, 3)
			pl := p.compile(t, totals)
			in, err := p.begin(t, p.config("g"), pl, kafka.Options{UntilEnd: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			in.steps(t, 3)
			in.commit(t)
			from := in.checkpoint(t)
			in.stop(t)
			place := from.at(t)
			change(t, p, place)
			from.set(t, place)
			p.refused(t, pl, kafka.Options{}, from, append(want, "--from-start")...)
		})
	}
	t.Run("an offset at the same position", func(t *testing.T) {
		at(t, func(t *testing.T, p *place, _ *ingest.Place) {
			p.setByHand(t, "g", func(partition int32, at int64, note string) (int64, string) { return at + int64(partition), note })
		}, "do not fit the checkpoint at the same position 120", "offset of", "set by hand")
	})
	t.Run("another order at the same position", func(t *testing.T) {
		at(t, func(_ *testing.T, _ *place, place *ingest.Place) { place.Order++ }, "do not fit the checkpoint at the same position 120", "the hash of the records' order is")
	})
	t.Run("a checkpoint after what has committed", func(t *testing.T) {
		at(t, func(_ *testing.T, _ *place, place *ingest.Place) { place.Position++ }, "the checkpoint is at position 121", "committed only up to position 120")
	})
	t.Run("a partition that is not there any more", func(t *testing.T) {
		at(t, func(_ *testing.T, _ *place, place *ingest.Place) { place.Parts[2].Partition = 7 }, "has 3 partitions, and the checkpoint has offsets of partition 7")
	})
	t.Run("a topic that is not read any more", func(t *testing.T) {
		at(t, func(_ *testing.T, _ *place, place *ingest.Place) { place.Parts[2].Topic = "gone" }, "topic gone, which the job does not read any more")
	})
	t.Run("a topic that was created again", func(t *testing.T) {
		at(t, func(t *testing.T, p *place, _ *ingest.Place) {
			c := p.newClient(t)
			defer c.Close()
			if _, err := kadm.NewClient(c).DeleteTopics(t.Context(), p.prefix+"trades"); err != nil {
				t.Fatal(err)
			}
			p.fill(t, 700, 3)
		}, "trades was deleted and created again")
	})
}

func TestWhatResumeSaysDecides(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 700, 3)
		pl := p.compile(t, totals)
		p.half(t, pl)
		p.refused(t, pl, kafka.Options{}, nil, "has state that was lost", "--from-start")
		_, err := kafka.Open(t.Context(), p.config("g"), pl, kafka.Options{
			Job: "job", Client: p.client, Stateful: true,
			Resume: func(at kafka.Committed) (*ingest.Place, error) {
				if at.Generation != 1 || at.Note.Position != 240 || len(at.Offsets) != 3 {
					t.Errorf("%+v", at)
				}
				return nil, errors.New("the state directory is locked")
			},
		})
		if err == nil || err.Error() != "the state directory is locked" {
			t.Errorf("%v", err)
		}
	})
}

func TestRecordsThatTheCheckpointNeedsAndKafkaDeletedAreRefused(t *testing.T) {
	for _, noOutput := range []bool{false, true} {
		onBrokers(t, func(t *testing.T, p *place) {
			p.fill(t, 700, 3)
			pl := p.compile(t, totals)
			from := p.half(t, pl)
			p.deleteRecords(t, 1, 60)
			p.refused(t, pl, kafka.Options{NoOutput: noOutput}, from, "needs "+p.prefix+"trades/1 from offset 40 on", "before offset 60", "retention.ms (now no limit)", "--from-start")
		})
	}
}

// deleteRecords deletes the records of a partition before an offset.
func (p *place) deleteRecords(t *testing.T, partition int32, before int64) {
	t.Helper()
	c := p.newClient(t)
	defer c.Close()
	topic := p.prefix + "trades"
	if _, err := kadm.NewClient(c).DeleteRecords(t.Context(), kadm.Offsets{topic: {partition: {Topic: topic, Partition: partition, At: before, LeaderEpoch: -1}}}); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsThatAreDeletedBeforeTheyAreReadEndTheJobWithTheReason(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 80, 2)
		pl := p.compile(t, copies)
		deleted := false
		p.fake.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
			p.fake.KeepControl()
			if !deleted { // the job knows by now where to begin
				deleted = true
				p.fake.SleepControl(func() { p.deleteRecords(t, 1, 10) })
			}
			return nil, nil, false
		})
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		_, err = work(t.Context(), t, task, pl, 0)
		if err == nil || !strings.Contains(err.Error(), "trades/1: Kafka no longer has offset 0") || !strings.Contains(err.Error(), "retention.ms") {
			t.Errorf("%v", err)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

const joined = trades + `CREATE TABLE names (symbol STRING PRIMARY KEY, name STRING, ts TIMESTAMP) WITH (kafka_topic='names', timestamp='ts');
CREATE STREAM named WITH (kafka_topic='named') AS SELECT t.symbol, t.quantity, n.name FROM trades t LEFT JOIN names n ON t.symbol = n.symbol;`

func TestACompactedTopicWhoseRecordsWereRemovedIsNamed(t *testing.T) {
	t.Run("after its first record", func(t *testing.T) {
		compacted(t, "S", "the position is", "Kafka removed records of topic names", "nothing of it was written")
	})
	t.Run("from its first record on", func(t *testing.T) {
		compacted(t, "S0", "needs names/0 from offset", "Kafka deleted the records before offset")
	})
}

// compacted compacts a table's topic, whose first record has a given key, between a checkpoint and
// the restart.
func compacted(t *testing.T, firstKey string, want ...string) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 700, 1)
		c := p.newClient(t)
		compact := map[string]*string{"cleanup.policy": kadm.StringPtr("compact"), "min.compaction.lag.ms": kadm.StringPtr("5000")}
		if _, err := kadm.NewClient(c).CreateTopic(t.Context(), 1, -1, compact, "names"); err != nil {
			t.Fatal(err)
		}
		for i := range 70 { // a batch each: of the last one nothing is removed
			key := fmt.Appendf(nil, "S%d", i%7)
			if i == 0 {
				key = []byte(firstKey)
			}
			if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: "names", Key: key, Value: fmt.Appendf(nil, `{"name":"name %d","ts":%d}`, i, i*1000)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
		pl := p.compile(t, joined)
		from := p.half(t, pl)
		p.fake.Compact()
		p.refused(t, pl, kafka.Options{}, from, append(want, "cleanup.policy=compact", "min.compaction.lag.ms (now 5000)", "--from-start")...)
	})
}
