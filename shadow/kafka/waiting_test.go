package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/kafka"
)

// registry stands for what decoders need of another system. While it is away, the records of
// a topic-partition from an offset on cannot be decoded; only those before upTo, unless that is
// 0.
type registry struct {
	mu         sync.Mutex
	away       bool
	partition  int32
	from, upTo int64
	// hangs says that a decoder waits for the registry until its context ends, instead of an
	// error.
	hangs bool
	// refused is called, if it is not nil, each time that a record could not be decoded; times
	// counts them.
	refused func()
	times   int
}

var errAway = errors.New("the schema registry is away")

func (r *registry) set(away bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away = away
}

// needs reports whether a record needs the registry while it is away.
func (r *registry) needs(rec row.Record) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.away && rec.Partition == r.partition && rec.Offset >= r.from && (r.upTo == 0 || rec.Offset < r.upTo)
}

// newDecoder is kafka.Options.NewDecoder.
func (r *registry) newDecoder(ctx context.Context, src *row.Source, index int, opt codec.DecodeOptions) (kafka.Decoder, error) {
	d, err := codec.NewDecoder(ctx, src, index, opt)
	return &remoteDecoder{d, r}, err
}

// remoteDecoder is a decoder that needs a registry.
type remoteDecoder struct {
	*codec.Decoder
	registry *registry
}

func (d *remoteDecoder) DecodeAll(ctx context.Context, records []row.Record, t *row.Table) (int, error) {
	n := slices.IndexFunc(records, d.registry.needs)
	if n < 0 {
		return d.Decoder.DecodeAll(ctx, records, t)
	}
	if done, err := d.Decoder.DecodeAll(ctx, records[:n], t); err != nil {
		return done, err
	}
	r := d.registry
	r.mu.Lock()
	r.times++
	refused, hangs := r.refused, r.hangs
	r.mu.Unlock()
	if refused != nil {
		refused()
	}
	if hangs {
		<-ctx.Done()
	}
	return n, errAway
}

// taken is what Next returned of a task, until ctx ended or the input did: of each record
// where it stands, what became of it, and the watermark.
func taken(ctx context.Context, t *testing.T, task *kafka.Task, commit bool) (list []string) {
	t.Helper()
	for {
		b, err := task.Next(ctx)
		if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			if commit {
				if err := task.Commit(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Len() {
			r := b.Record(i)
			list = append(list, fmt.Sprintf("%d@%d %v watermark %d", r.Partition, r.Offset, r.State, r.Watermark))
		}
		if err := task.Emit(t.Context(), b, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// A bounded run waits, and ends with what it would have made if the registry had been there.
func TestRecordsThatCannotBeDecodedForNowWaitAndComeInOrder(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 700, 3)
		pl := p.compile(t, copies)
		plain, err := p.open(t, "plain", pl, kafka.Options{UntilEnd: true, NoOutput: true})
		if err != nil {
			t.Fatal(err)
		}
		want := taken(t.Context(), t, plain, false)
		if err := plain.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		var task *kafka.Task
		opened := make(chan struct{})
		r := &registry{away: true, partition: 1, from: 60}
		r.refused = func() {
			<-opened
			r.mu.Lock()
			defer r.mu.Unlock()
			switch r.times {
			case 3: // the first attempt, and two more
				if s := task.Stats(); s.Waiting != 1 || s.DecodeRetries != 2 || s.DeadLetters > 14 {
					t.Errorf("while it waits: %+v", s)
				}
				if err := task.Ready(); err == nil || !errors.Is(err, errAway) || !strings.Contains(err.Error(), "trades/1 from offset 60 on cannot be decoded for now") {
					t.Errorf("while it waits it is ready: %v", err)
				}
			case 5:
				r.from = 61 // one record more, and the next one waits
			case 8:
				r.away = false
			}
		}
		if task, err = p.open(t, "g", pl, kafka.Options{UntilEnd: true, NewDecoder: r.newDecoder}); err != nil {
			t.Fatal(err)
		}
		close(opened)
		took, err := work(t.Context(), t, task, pl, 0)
		if err != nil {
			t.Fatal(err)
		}
		if s := task.Stats(); s.Waiting != 0 || s.DecodeRetries == 0 || s.DeadLetters != 14 || task.Ready() != nil {
			t.Errorf("at the end: %+v, %v", s, task.Ready())
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if at, _, _ := strings.Cut(want[i], " "); i >= len(took) || took[i] != p.prefix+"trades/"+at {
				t.Fatalf("%d records, want %d; record %d is %s", len(took), len(want), i, took[min(i, len(took)-1)])
			}
		}
		dead := p.read(t, "trades.dlq")
		if slices.ContainsFunc(dead, func(s string) bool { return strings.Contains(s, "registry") }) || len(dead) != 14 {
			t.Errorf("%d dead letters, want the 14 bad records:\n%s", len(dead), strings.Join(dead, "\n"))
		}
		if rows := p.read(t, "copies"); len(rows) != 686 {
			t.Errorf("%d rows, want 686", len(rows))
		}
	})
}

// While one topic-partition waits, V1 gets what the input order lets it have; the one that
// waits is neither idle nor at its end, so that no watermark passes it.
func TestATopicPartitionThatWaitsForItsDecoderIsNotIdle(t *testing.T) {
	for _, hangs := range []bool{false, true} {
		t.Run(fmt.Sprintf("hangs=%v", hangs), func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				p.fill(t, 300, 3)
				pl := p.compile(t, copies)
				plain, err := p.open(t, "plain", pl, kafka.Options{UntilEnd: true, NoOutput: true})
				if err != nil {
					t.Fatal(err)
				}
				want := taken(t.Context(), t, plain, false)
				if err := plain.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				r := &registry{away: true, partition: 1, from: 40, hangs: hangs}
				task, err := p.open(t, "g", pl, kafka.Options{NoOutput: true, NewDecoder: r.newDecoder})
				if err != nil {
					t.Fatal(err)
				}
				// A minute is much longer than kafka.idle; time is the bubble's.
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				got := taken(ctx, t, task, true)
				// After 1@39 nothing can be taken: the event time of the next one is not known.
				at := 1 + slices.IndexFunc(want, func(s string) bool { return strings.HasPrefix(s, "1@39 ") })
				if !slices.Equal(got, want[:at]) {
					t.Errorf("while 1@40 waits V1 got %d records, want the %d up to 1@39; the last is %s", len(got), at, got[len(got)-1])
				}
				if left, _ := task.Lag(); left != int64(300-at) {
					t.Errorf("the lag is %d, want %d", left, 300-at)
				}
				if task.Waited() != 0 {
					t.Errorf("V1 had no input for %v, by its own account", task.Waited())
				}
				r.set(false)
				if err := task.Finish(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got = append(got, taken(t.Context(), t, task, true)...); !slices.Equal(got, want) {
					t.Errorf("%d records, want %d in this order:\n%s\nwant\n%s", len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				if err := task.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// A topic-partition at its live end that gets a record waits for its decoder, however long
// that takes: no later record and no watermark passes it.
func TestNothingPassesALiveTopicPartitionThatWaitsForItsDecoder(t *testing.T) {
	for _, hangs := range []bool{false, true} {
		t.Run(fmt.Sprintf("hangs=%v", hangs), func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) { nothingPasses(t, p, hangs) })
		})
	}
}

func nothingPasses(t *testing.T, p *place, hangs bool) {
	p.fill(t, 30, 2)
	r := &registry{away: true, partition: 1, from: 15, hangs: hangs}
	cfg := p.config("g")
	cfg.Idle = 2 * time.Second // less than an attempt to decode takes
	task, err := kafka.Open(t.Context(), cfg, p.compile(t, copies), kafka.Options{Job: "job", NoOutput: true, NewDecoder: r.newDecoder, Client: p.client})
	if err != nil {
		t.Fatal(err)
	}
	c := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer c.Close()
	produce := func(partition int32, at int) {
		value := fmt.Appendf(nil, `{"symbol":"S","quantity":1,"ts":%d}`, at)
		if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: p.prefix + "trades", Partition: partition, Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	during := func(d time.Duration) []string { // time is the bubble's
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		return taken(ctx, t, task, true)
	}
	if got := during(time.Second); len(got) != 30 {
		t.Fatalf("%d records, want 30", len(got))
	}
	produce(1, 3_000)
	got := during(5 * time.Second)
	produce(0, 60_000)
	got = append(got, during(time.Second)...)
	produce(0, 61_000)
	got = append(got, during(time.Second)...)
	r.set(false)
	got = append(got, during(time.Minute)...)
	want := []string{"1@15 0 watermark 2800", "0@15 0 watermark 3000", "0@16 0 watermark 3000"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := task.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A stop while records wait commits what was processed; the next run decodes them.
func TestATaskStopsWhileRecordsWaitForTheirDecoder(t *testing.T) {
	for _, hangs := range []bool{false, true} {
		t.Run(fmt.Sprintf("hangs=%v", hangs), func(t *testing.T) {
			onBrokers(t, func(t *testing.T, p *place) {
				p.fill(t, 100, 1)
				pl := p.compile(t, copies)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				r := &registry{away: true, from: 30, hangs: hangs, refused: stop}
				task, err := p.open(t, "g", pl, kafka.Options{NewDecoder: r.newDecoder})
				if err != nil {
					t.Fatal(err)
				}
				got := taken(ctx, t, task, true)
				if err := task.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				if len(got) > 30 {
					t.Errorf("%d records, want at most the 30 that can be decoded", len(got))
				}
				r.set(false)
				if task, err = p.open(t, "g", pl, kafka.Options{UntilEnd: true, NewDecoder: r.newDecoder}); err != nil {
					t.Fatal(err)
				}
				if got = append(got, taken(t.Context(), t, task, true)...); len(got) != 100 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 100 {
					t.Errorf("both runs took %d records, want 100, each once", len(got))
				}
				if err := task.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// At the start there is nothing to hold: the job is refused, with the reason.
func TestADecoderThatCannotBeMadeEndsTheStart(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 10, 1)
		task, err := p.open(t, "g", p.compile(t, copies), kafka.Options{NewDecoder: func(context.Context, *row.Source, int, codec.DecodeOptions) (kafka.Decoder, error) {
			return nil, errAway
		}})
		if !errors.Is(err, errAway) || !strings.Contains(err.Error(), "make the decoder of topic trades") {
			t.Errorf("%v, want that the decoder cannot be made", err)
			_ = task.Close(t.Context())
		}
	})
}

// What was fetched behind a record that waits stays behind it: a fetch is decoded in pieces,
// by several goroutines.
func TestWhatWasFetchedBehindARecordThatWaitsComesAfterIt(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 0, 1)
		c := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
		const records = 20
		for i := range records { // two or three make a piece
			value := fmt.Appendf(nil, `{"symbol":"%s","quantity":%d,"ts":%d}`, strings.Repeat("x", 400<<10), i, i)
			if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: p.prefix + "trades", Value: value}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
		// Record 1 waits; the pieces behind it are decoded at once.
		r := &registry{away: true, from: 1, upTo: 2}
		r.refused = func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.away = r.times < 5
		}
		task, err := p.open(t, "g", p.compile(t, copies), kafka.Options{UntilEnd: true, NoOutput: true, NewDecoder: r.newDecoder})
		if err != nil {
			t.Fatal(err)
		}
		got := taken(t.Context(), t, task, true)
		for i := range records {
			if i >= len(got) || !strings.HasPrefix(got[i], fmt.Sprintf("0@%d 0 ", i)) {
				t.Fatalf("took %q, want %d records in order", got, records)
			}
		}
		if len(got) != records || task.Stats().BrokerGaps != 0 {
			t.Errorf("%d records and %d gaps, want %d and none", len(got), task.Stats().BrokerGaps, records)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
