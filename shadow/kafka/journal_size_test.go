package kafka_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/kafka"
)

// TestTheJournalIsASmallPartOfTheOutput measures the journal's share of the output's bytes where one of four
// topic-partitions is silent, so that arrival decides the place of each record, and where all have records
// up to the end. The event times go up and down at random, which is the most that a journal can have.
func TestTheJournalIsASmallPartOfTheOutput(t *testing.T) {
	for _, c := range []struct {
		filled, batch int
		most          float64 // share of the output
	}{{3, 10, 0.08}, {3, 1000, 0.02}, {4, 10, 0.005}, {4, 1000, 0.005}} {
		t.Run(fmt.Sprintf("filled=%d/batch=%d", c.filled, c.batch), func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				const records = 12_000
				p.fillAtRandom(t, records, c.filled)
				cfg := p.config("g")
				cfg.Batch = c.batch
				in, err := p.begin(t, cfg, p.compile(t, totals), kafka.Options{UntilEnd: true, Flush: true}, nil)
				if err != nil {
					t.Fatal(err)
				}
				for !in.steps(t, 10) {
					in.commit(t)
				}
				in.commit(t)
				s := in.Stats()
				in.stop(t)
				share := float64(s.JournalBytes) / float64(s.OutputBytes)
				t.Logf("transactions of %d records: %.2f bytes of the journal per record, %.2f %% of the output's %d bytes",
					10*c.batch, float64(s.JournalBytes)/records, 100*share, s.OutputBytes)
				if share > c.most || s.OutputBytes == 0 || s.JournalBytes == 0 {
					t.Errorf("the journal has %d bytes and the output %d: a share of %.4f, want at most %.4f", s.JournalBytes, s.OutputBytes, share, c.most)
				}
			})
		})
	}
}

// fillAtRandom makes topic trades with four partitions, and n records in some of them.
func (p *place) fillAtRandom(t *testing.T, n, filled int) {
	t.Helper()
	p.fill(t, 0, 4)
	client := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer client.Close()
	random := rand.New(rand.NewPCG(1, 1))
	for i := range n {
		client.Produce(t.Context(), &kgo.Record{
			Topic: "trades", Partition: int32(random.IntN(filled)),
			Value: fmt.Appendf(nil, `{"symbol":"S%d","quantity":%d,"ts":%d}`, i%7, i, i*10+random.IntN(1000)),
		}, nil)
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestATransactionWithAJournalThatIsTooLargeForOneRecordHasSeveral, which a replay follows.
func TestATransactionWithAJournalThatIsTooLargeForOneRecordHasSeveral(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		const records = 70_000 // each of another topic-partition than the one before: more than 65,536 runs
		p.fill(t, records, 3)
		if _, err := p.admin(t).CreatePartitions(t.Context(), 1, "trades"); err != nil { // a silent one
			t.Fatal(err)
		}
		pl, cfg := p.compile(t, totals), p.config("g")
		cfg.Batch = 10_000
		var from *checkpoint
		for range 2 {
			in, err := p.begin(t, cfg, pl, kafka.Options{UntilEnd: true}, from)
			if err != nil {
				t.Fatal(err)
			}
			if from == nil {
				from = in.checkpoint(t)
			}
			for !in.steps(t, 1) {
			}
			in.commit(t)
			if done, total, isGoingOn := in.Replaying(); done != total || isGoingOn {
				t.Errorf("%d of %d records are replayed, going on: %v", done, total, isGoingOn)
			}
			in.stop(t)
		}
		if got := p.read(t, kafka.JournalTopic("job")); len(got) != 2 {
			t.Errorf("the journal has %d records, want 2", len(got))
		}
		if got := p.read(t, "totals"); len(got) != records-records/50 { // the others cannot be decoded
			t.Errorf("%d rows, want %d", len(got), records-records/50)
		}
	})
}
