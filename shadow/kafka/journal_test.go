package kafka_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/kafka"
)

// history is what a job's incarnations took, across kills.
type history struct {
	// first is each record as it was taken when its position was last not replayed.
	first []string
	// batches are those of the last incarnation that took their positions.
	batches []*row.Batch
}

// begins cuts off what an incarnation that begins at a position takes again.
func (h *history) begins(position int64) {
	h.batches = slices.DeleteFunc(h.batches, func(b *row.Batch) bool { return b.First >= position })
}

// add adds a batch. A replayed record must be the one that was there.
func (h *history) add(t *testing.T, b *row.Batch, isReplayed bool) {
	t.Helper()
	h.batches = append(h.batches, b)
	for i := range b.Len() {
		r, position := b.Record(i), b.First+int64(i)
		line := fmt.Sprintf("%s/%d@%d watermark %d", r.Topic, r.Partition, r.Offset, r.Watermark)
		switch {
		case isReplayed && h.first[position] != line:
			t.Errorf("position %d is replayed as %s, and was %s", position, line, h.first[position])
		case !isReplayed:
			h.first = append(h.first[:position], line)
		}
	}
}

// rows returns what V1 writes that processes the batches of a history without a break.
func (h *history) rows(t *testing.T, p *place, pl *plan.Plan, sink string) []string {
	t.Helper()
	v1, err := pipeline.New(pl, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	task, err := p.open(t, "oracle", pl, kafka.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range h.batches {
		o, err := v1.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if err := task.Emit(t.Context(), b, o.Changes, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := task.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := task.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p.read(t, sink)
}

// producer adds records to topic trades.
func (p *place) producer(t *testing.T) (produce func(partition int32, ts int)) {
	c := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	t.Cleanup(c.Close)
	n := 0
	return func(partition int32, ts int) {
		n++
		r := &kgo.Record{Topic: p.prefix + "trades", Partition: partition, Value: fmt.Appendf(nil, `{"symbol":"S%d","quantity":%d,"ts":%d}`, ts%3, n, ts)}
		if err := c.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Error(err)
		}
	}
}

// followed runs a part of a live job whose order depends on arrival, kills the job, and wants that
// the next incarnation takes the same order again and writes each row once.
func followed(t *testing.T, partitions int, part func(t *testing.T, in *incarnation, produce func(partition int32, ts int))) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 0, partitions)
		pl, produce := p.compile(t, totals), p.producer(t)
		in, err := p.begin(t, p.config("g"), pl, kafka.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var h history
		in.onBatch = func(b *row.Batch, isReplayed bool) { h.add(t, b, isReplayed) }
		produce(0, 100)
		in.steps(t, 1)
		in.commit(t)
		from := in.checkpoint(t)
		part(t, in, produce)
		in.commit(t)
		in.stop(t)
		produce(0, 300_000)
		produce(1, 300_000)
		if in, err = p.begin(t, p.config("g"), pl, kafka.Options{UntilEnd: true}, from); err != nil {
			t.Fatal(err)
		}
		h.begins(from.at(t).Position)
		in.onBatch = func(b *row.Batch, isReplayed bool) { h.add(t, b, isReplayed) }
		for !in.steps(t, 1) {
		}
		in.commit(t)
		in.stop(t)
		got := p.read(t, "totals")
		oracle := p.compile(t, replaceTopic(totals, "oracle"))
		if want := h.rows(t, p, oracle, "oracle"); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("wrote\n%q\nwant\n%q", got, want)
		}
	})
}

func TestAnOrderThatArrivalDecidedIsReplayed(t *testing.T) {
	followed(t, 2, func(t *testing.T, in *incarnation, produce func(int32, int)) {
		produce(0, 70_000)
		in.steps(t, 1)
		produce(1, 200) // older, and later here
		in.steps(t, 1)
		produce(1, 400)
		produce(0, 300)
		in.steps(t, 1)
	})
}

func TestADepartureThatClosedAWindowIsReplayed(t *testing.T) {
	followed(t, 2, func(t *testing.T, in *incarnation, produce func(int32, int)) {
		produce(1, 200)
		in.steps(t, 1)
		go func() {
			time.Sleep(time.Minute) // of the bubble: partition 1 falls idle
			produce(0, 200_000)
		}()
		in.steps(t, 1) // closes the window of both
		if at := in.took[len(in.took)-1].Watermark; at != 200_000 {
			t.Errorf("watermark %d: the idle topic-partition did not leave it", at)
		}
		produce(1, 150_000)
		in.steps(t, 1)
	})
}

func TestADepartureThatWasCancelledIsNotReplayed(t *testing.T) {
	followed(t, 2, func(t *testing.T, in *incarnation, produce func(int32, int)) {
		produce(1, 200)
		in.steps(t, 1)
		go func() {
			time.Sleep(time.Minute) // of the bubble: both fall idle
			produce(1, 60_000)      // and this one comes back before a record of the other is taken
		}()
		in.steps(t, 1)
		produce(0, 210_000)
		in.steps(t, 1)
		if at := in.took[len(in.took)-1].Watermark; at != 60_000 {
			t.Errorf("watermark %d, want 60000 of the topic-partition that came back", at)
		}
	})
}

// TestALiveJobThatIsKilledAndRestoredWritesWhatOneThatRanOnDoes kills a live job at random, between
// two commits and within a transaction, while records come to three topic-partitions in an order
// that is not that of their event times, and topic-partitions fall idle.
func TestALiveJobThatIsKilledAndRestoredWritesWhatOneThatRanOnDoes(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				random := rand.New(rand.NewPCG(seed, 2))
				p.fill(t, 0, 3)
				pl, cfg, produce := p.compile(t, totals), p.config("g"), p.producer(t)
				var h history
				now, produced := 0, 0
				arrive := func(in *incarnation) { // a few records, or one after a silence
					record := func() (partition int32, ts int) {
						produced++
						now += random.IntN(9_000)
						return random.Int32N(3), max(0, now-random.IntN(80_000))
					}
					if random.IntN(4) > 0 {
						for range 1 + random.IntN(6) {
							produce(record())
						}
						in.steps(t, 1)
						return
					}
					partition, ts := record()
					came := make(chan struct{})
					go func() {
						time.Sleep(7 * time.Second) // of the bubble: topic-partitions fall idle
						produce(partition, ts)
						close(came)
					}()
					for len(h.first) < produced {
						in.steps(t, 1)
					}
					<-came
				}
				var from *checkpoint
				replayed := int64(0)
				const incarnations = 12
				for n := range incarnations {
					cfg.Batch = 1 + random.IntN(8)
					opt := kafka.Options{MaxBytes: 2000}
					if n == incarnations-1 {
						opt.UntilEnd, opt.Flush = true, true
					}
					in, err := p.begin(t, cfg, pl, opt, from)
					if err != nil {
						t.Fatal(err)
					}
					if from == nil {
						from = in.checkpoint(t)
					}
					h.begins(from.at(t).Position)
					in.onBatch = func(b *row.Batch, isReplayed bool) { h.add(t, b, isReplayed) }
					for ended := false; !ended; {
						if opt.UntilEnd {
							ended = in.steps(t, 1)
						} else {
							arrive(in)
						}
						if !ended && random.IntN(6) == 0 && !opt.UntilEnd {
							break // killed within a transaction
						}
						if random.IntN(2) == 0 || ended {
							in.commit(t)
							if _, _, isGoingOn := in.Replaying(); !isGoingOn && random.IntN(4) == 0 {
								from = in.checkpoint(t)
							}
						}
					}
					done, _, _ := in.Replaying()
					replayed += done
					in.stop(t)
				}
				oracle := p.compile(t, replaceTopic(totals, "oracle"))
				got, want := p.read(t, "totals"), h.rows(t, p, oracle, "oracle")
				if !slices.Equal(got, want) || len(want) == 0 {
					t.Errorf("%d rows, want the %d of the job that was not killed", len(got), len(want))
				}
				t.Logf("%d records, %d of them replayed, %d rows", len(h.first), replayed, len(got))
			})
		})
	}
}
