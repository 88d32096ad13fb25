package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka"
)

// TestAJobWithStateThatIsKilledAndRestoredWritesWhatOneThatRanOnDoes kills a job at random, between
// two commits, within a transaction and after one that was cut between two records of a batch,
// and continues it from its last checkpoint.
func TestAJobWithStateThatIsKilledAndRestoredWritesWhatOneThatRanOnDoes(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				random := rand.New(rand.NewPCG(seed, 1))
				p.fill(t, 700, 3)
				unbroken := p.compile(t, strings.Replace(totals, "kafka_topic='totals'", "kafka_topic='unbroken'", 1))
				order := p.orderOf(t, "unbroken", unbroken, kafka.Options{UntilEnd: true, Flush: true, DeadLetter: "unbroken.dlq"})
				pl, cfg := p.compile(t, totals), p.config("g")
				opt := kafka.Options{UntilEnd: true, Flush: true, MaxBytes: 4000, DeadLetter: "dead"}
				from, taken := (*checkpoint)(nil), 0
				incarnations, replayed := 0, int64(0)
				for ended := false; !ended; incarnations++ {
					cfg.Batch = 5 + random.IntN(60)
					in, err := p.begin(t, cfg, pl, opt, from)
					if err != nil {
						t.Fatal(err)
					}
					_, total, isGoingOn := in.Replaying()
					if isGoingOn != (total > 0) {
						t.Errorf("%d records to replay, and it is going on: %v", total, isGoingOn)
					}
					if from == nil {
						from = in.checkpoint(t) // before the first commit
					}
					for range 1 + random.IntN(6) {
						ended = in.steps(t, 1+random.IntN(4))
						if !ended && random.IntN(3) == 0 {
							break // killed within a transaction
						}
						in.commit(t)
						_, _, isGoingOn = in.Replaying()
						if ended || !isGoingOn && random.IntN(2) == 0 {
							from = in.checkpoint(t)
						}
						if ended {
							break
						}
					}
					done, _, _ := in.Replaying()
					replayed += done
					taken += len(in.took)
					in.stop(t)
					if note := p.note(t, "g"); !ended && note.Position > 0 {
						p.checkNote(t, note, order)
					}
				}
				if got, want := p.read(t, "totals"), p.read(t, "unbroken"); !slices.Equal(got, want) {
					t.Errorf("%d rows, want the %d of the job that was not killed", len(got), len(want))
				}
				if !p.note(t, "g").Finished {
					t.Error("the last note is not that of a flush")
				}
				t.Logf("%d incarnations took %d records, %d of them replayed", incarnations, taken, replayed)
			})
		})
	}
}

// orderOf runs a task to the end of its input and returns the records as it took them.
func (p *place) orderOf(t *testing.T, group string, pl *plan.Plan, opt kafka.Options) []row.Record {
	t.Helper()
	in, err := p.begin(t, p.config(group), pl, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	for !in.steps(t, 1) {
	}
	in.commit(t)
	in.stop(t)
	return in.took
}

// checkNote checks a note, and the offsets that it is on, against the records in their order.
func (p *place) checkNote(t *testing.T, note kafka.Note, order []row.Record) {
	t.Helper()
	var hash ingest.OrderHash
	next := map[int32]int64{}
	for _, r := range order[:note.Position] {
		hash = hash.Take(ingest.OrderKeyOf(r.TopicPartition), r.Offset)
		next[r.Partition] = r.Offset + 1
	}
	if watermark := order[note.Position-1].Watermark; note.Order != hash || note.Watermark != watermark {
		t.Errorf("the note is %v; want watermark %d, order %v", note, watermark, hash)
	}
	for partition, at := range p.committed(t, "g") {
		if at != next[partition] {
			t.Errorf("offset %d of partition %d is committed at position %d, want %d", at, partition, note.Position, next[partition])
		}
	}
}

// half runs a job with state up to a checkpoint and on to another commit, and stops it. The rows
// of the second part are those that must not be written again.
func (p *place) half(t *testing.T, pl *plan.Plan) (from *checkpoint) {
	t.Helper()
	in, err := p.begin(t, p.config("g"), pl, kafka.Options{UntilEnd: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	in.steps(t, 3)
	in.commit(t)
	from = in.checkpoint(t)
	in.steps(t, 3)
	in.commit(t)
	in.stop(t)
	return from
}

func TestATopicThatGotPartitionsIsReadFromTheirBeginAfterTheReplay(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 700, 2)
		pl := p.compile(t, strings.Replace(totals, "kafka_topic='totals'", "kafka_topic='totals', partitions=2", 1))
		from := p.half(t, pl)
		c := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
		defer c.Close()
		if _, err := kadm.NewClient(c).CreatePartitions(t.Context(), 1, p.prefix+"trades"); err != nil {
			t.Fatal(err)
		}
		for range 10 { // older than all others
			if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: p.prefix + "trades", Partition: 2, Value: []byte(`{"symbol":"S1","quantity":1,"ts":0}`)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		cfg := p.config("g")
		cfg.Start = "latest"
		in, err := p.begin(t, cfg, pl, kafka.Options{UntilEnd: true}, from)
		if err != nil {
			t.Fatal(err)
		}
		for !in.steps(t, 1) {
		}
		in.commit(t)
		in.stop(t)
		isNew := func(r row.Record) bool { return r.Partition == 2 }
		if first := slices.IndexFunc(in.took, isNew); first != 120 {
			t.Errorf("the first record of the new partition came after %d others, want the 120 of the replay", first)
		}
		if len(in.took) != 700-120+10 {
			t.Errorf("took %d records, want %d", len(in.took), 700-120+10)
		}
		if note := p.note(t, "g"); note.Position != 710 {
			t.Errorf("%v", note)
		}
	})
}

// TestAnotherInstanceMayComeWhileAJobIsRestored has the group rebalance while Open waits for the
// state: the offsets at which the job begins must not be lost by it.
func TestAnotherInstanceMayComeWhileAJobIsRestored(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 700, 3)
		pl := p.compile(t, totals)
		from := p.half(t, pl)
		opened := make(chan *kafka.Task)
		second, stop := context.WithCancel(t.Context())
		defer stop()
		first, err := kafka.Open(t.Context(), p.config("g"), pl, kafka.Options{
			Job: "job", Client: p.client, Stateful: true, UntilEnd: true,
			Resume: func(kafka.Committed) (*ingest.Place, error) {
				go func() {
					task, err := kafka.Open(second, p.config("g"), pl, kafka.Options{Job: "job", Client: p.client, UntilEnd: true})
					if !errors.Is(err, context.Canceled) {
						t.Errorf("the second instance: %v", err)
					}
					opened <- task
				}()
				time.Sleep(time.Minute) // the bubble's: the group has rebalanced
				return from.at(t), nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		took := 0
		for {
			b, err := first.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			took += b.Len()
			if err := first.Emit(t.Context(), b, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := first.Commit(t.Context()); err != nil {
			t.Error(err)
		}
		stop()
		<-opened
		if err := first.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if took != 580 {
			t.Errorf("took %d records, want 580", took)
		}
	})
}

func TestAReplaySaysHowFarItIsAndCommitsNothing(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 700, 3)
		pl := p.compile(t, totals)
		from := p.half(t, pl)
		before := p.note(t, "g")
		in, err := p.begin(t, p.config("g"), pl, kafka.Options{UntilEnd: true}, from)
		if err != nil {
			t.Fatal(err)
		}
		want := func(done int64, isGoingOn bool) {
			t.Helper()
			if d, total, going := in.Replaying(); d != done || total != 120 || going != isGoingOn {
				t.Errorf("%d of %d records are replayed, going on: %v; want %d of 120, %v", d, total, going, done, isGoingOn)
			}
		}
		want(0, true)
		for n := range int64(3) {
			in.steps(t, 1)
			in.commit(t)
			want(40*(n+1), true)
		}
		if note := p.note(t, "g"); note != before {
			t.Errorf("committed %v in the replay, after %v", note, before)
		}
		in.steps(t, 1)
		want(120, false)
		in.commit(t)
		if note := p.note(t, "g"); note.Position != 280 || note.Generation != 1 || note.Incarnation == before.Incarnation || note.Incarnation != in.Incarnation() {
			t.Errorf("committed %v after the replay, after %v", note, before)
		}
		in.stop(t)
	})
}

func TestAJobThatWritesNothingContinuesFromTheCheckpointItself(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 700, 3)
		pl := p.compile(t, totals)
		opt := kafka.Options{UntilEnd: true, NoOutput: true}
		in, err := p.begin(t, p.config("g"), pl, opt, nil)
		if err != nil {
			t.Fatal(err)
		}
		in.steps(t, 3)
		in.commit(t)
		from := in.checkpoint(t)
		in.steps(t, 3)
		in.commit(t)
		in.stop(t)
		if in, err = p.begin(t, p.config("g"), pl, opt, from); err != nil {
			t.Fatal(err)
		}
		if _, total, _ := in.Replaying(); total != 0 {
			t.Errorf("%d records to replay", total)
		}
		in.steps(t, 1)
		in.commit(t)
		if note := p.note(t, "g"); note.Position != 160 {
			t.Errorf("committed %v, want position 160", note)
		}
		for !in.steps(t, 1) {
		}
		in.stop(t)
		if len(in.took) != 700-120 {
			t.Errorf("took %d records, want %d", len(in.took), 700-120)
		}
	})
}

func TestACleanStopWhoseOffsetsAreForgottenIsContinued(t *testing.T) {
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
		c := p.newClient(t)
		if _, err := kadm.NewClient(c).DeleteGroup(t.Context(), p.prefix+"g"); err != nil {
			t.Fatal(err)
		}
		c.Close()
		if in, err = p.begin(t, p.config("g"), pl, kafka.Options{UntilEnd: true, Generation: 4}, from); err != nil {
			t.Fatal(err)
		}
		for !in.steps(t, 1) {
		}
		in.commit(t)
		in.stop(t)
		if note := p.note(t, "g"); note.Position != 700 || note.Generation != 4 || len(in.took) != 580 {
			t.Errorf("took %d records to %v", len(in.took), note)
		}
	})
}

func TestARunInInstalmentsHasTheWatermarksOfOne(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		// Partition 1 has one record in the first instalment and is silent then.
		c := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
		defer c.Close()
		p.fill(t, 0, 2)
		produce := func(partition int32, ts int) {
			t.Helper()
			if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: p.prefix + "trades", Partition: partition, Value: fmt.Appendf(nil, `{"symbol":"S","quantity":1,"ts":%d}`, ts)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		pl := p.compile(t, totals)
		produce(1, 500)
		var from *checkpoint
		for n := range 3 {
			for i := range 5 {
				produce(0, 1000*(n*5+i))
			}
			in, err := p.begin(t, p.config("g"), pl, kafka.Options{UntilEnd: true}, from)
			if err != nil {
				t.Fatal(err)
			}
			for !in.steps(t, 1) {
			}
			in.commit(t)
			from = in.checkpoint(t)
			in.stop(t)
		}
		if note := p.note(t, "g"); note.Position != 16 || note.Watermark != 500 {
			t.Errorf("%v, want position 16 and the watermark 500 of the topic-partition that is silent", note)
		}
	})
}

func TestTheGenerationCountsStartsFromTheBeginning(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 200, 2)
		pl := p.compile(t, copies)
		want := func(generation int64, opt kafka.Options) {
			t.Helper()
			opt.UntilEnd = true
			task, err := p.open(t, "g", pl, opt)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := work(t.Context(), t, task, pl, 0); err != nil {
				t.Fatal(err)
			}
			if err := task.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if note := p.note(t, "g"); note.Generation != generation || task.Generation() != generation || note.Position != 200 {
				t.Errorf("generation %d, note %v, want generation %d at position 200", task.Generation(), note, generation)
			}
		}
		again := kafka.Options{FromStart: true, Append: true}
		want(1, kafka.Options{})
		want(1, kafka.Options{})
		want(2, again)
		want(3, again)
		again.Generation = 7
		want(8, again)
		p.setByHand(t, "g", func(_ int32, at int64, _ string) (int64, string) { return at, "" })
		want(1, kafka.Options{FromStart: true, Append: true})
	})
}

func TestOffsetsAreCommittedWithTheirLeaderEpoch(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 80, 2)
		p.whole(t, "g", p.compile(t, copies), kafka.Options{UntilEnd: true})
		p.offsets(t, "g").Each(func(o kadm.OffsetResponse) {
			if o.LeaderEpoch < 0 {
				t.Errorf("%s/%d: leader epoch %d", o.Topic, o.Partition, o.LeaderEpoch)
			}
		})
	})
}
