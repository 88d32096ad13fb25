package kafka_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/shadow/kafka"
)

// create makes a topic of one partition whose batches have at most so many bytes.
func (p *place) create(t *testing.T, topic string, most int) {
	t.Helper()
	c := p.newClient(t)
	defer c.Close()
	configs := map[string]*string{"max.message.bytes": kadm.StringPtr(strconv.Itoa(most)), "retention.ms": kadm.StringPtr("-1")}
	if _, err := kadm.NewClient(c).CreateTopic(t.Context(), 1, -1, configs, p.prefix+topic); err != nil {
		t.Fatal(err)
	}
}

// produce writes records to topic trades.
func (p *place) produce(t *testing.T, records ...*kgo.Record) {
	t.Helper()
	c := p.newClient(t, kgo.ProducerBatchMaxBytes(1<<21))
	defer c.Close()
	for _, r := range records {
		r.Topic = p.prefix + "trades"
	}
	if err := c.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// letters are the records of a topic.
func (p *place) letters(t *testing.T, topic string) (out []*kgo.Record) {
	t.Helper()
	c := p.newClient(t, kgo.ConsumeTopics(p.prefix+topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	defer c.Close()
	ends, err := kadm.NewClient(c).ListEndOffsets(t.Context(), p.prefix+topic)
	if err != nil {
		t.Fatal(err)
	}
	end, _ := ends.Lookup(p.prefix+topic, 0)
	for at := int64(0); at < end.Offset; {
		fetches := c.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if at = r.Offset + 1; !r.Attrs.IsControl() {
				out = append(out, r)
			}
		})
	}
	return out
}

func header(t *testing.T, r *kgo.Record, key string) string {
	t.Helper()
	value, times := "", 0
	for _, h := range r.Headers {
		if h.Key == key {
			value = string(h.Value)
			times++
		}
	}
	if times != 1 {
		t.Errorf("header %s comes %d times", key, times)
	}
	return value
}

// noise returns bytes that do not compress and are no JSON.
func noise(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32() | 1)
	}
	return b
}

func TestAnUndecodableValueOfAMegabyteIsADeadLetter(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.create(t, "trades", 1_048_588)
		value := noise(1_000_300)
		p.produce(t, &kgo.Record{Key: []byte("k"), Value: value})
		p.whole(t, "g", p.compile(t, copies), kafka.Options{UntilEnd: true})
		got := p.letters(t, "trades.dlq")
		if len(got) != 1 || string(got[0].Value) != string(value) || string(got[0].Key) != "k" {
			t.Fatalf("%d dead letters, want one with the whole value", len(got))
		}
		if at := p.committed(t, "g"); at[0] != 1 {
			t.Errorf("committed %v", at)
		}
	})
}

func TestADeadLetterIsCompressedBeforeItIsCut(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.create(t, "trades", 1_048_588)
		p.create(t, "trades.dlq", 3000)
		value := strings.Repeat("no JSON ", 50_000)
		records := []*kgo.Record{{Value: []byte("small")}, {Value: []byte(value)}}
		for range 100 { // more than one batch
			records = append(records, &kgo.Record{Value: noise(200)})
		}
		p.produce(t, records...)
		p.whole(t, "g", p.compile(t, copies), kafka.Options{UntilEnd: true})
		got := p.letters(t, "trades.dlq")
		if len(got) != len(records) {
			t.Fatalf("%d dead letters, want %d", len(got), len(records))
		}
		for i, r := range got {
			if string(r.Value) != string(records[i].Value) {
				t.Errorf("dead letter %d has %d bytes, want the record's %d", i, len(r.Value), len(records[i].Value))
			}
		}
	})
}

func TestADeadLetterThatDoesNotFitIsCut(t *testing.T) {
	for _, c := range []struct {
		name                string
		value, headers, key int
		cut                 string
		leftHeaders         int
		leftKey             int
	}{
		{"value", 10_000, 2, 10, "value=10000", 2, 10},
		{"value and headers", 10_000, 40, 10, "value=10000 headers=4080", 26, 10},
		{"headers", 0, 40, 10, "headers=4080", 26, 10},
		{"all", 10_000, 2, 5000, "value=10000 headers=204 key=5000", 0, 2700},
		{"key", 0, 0, 5000, "key=5000", 0, 2700},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBrokers(t, func(t *testing.T, p *place) {
				p.create(t, "trades", 1_048_588)
				p.create(t, "trades.dlq", 3000)
				r := &kgo.Record{Key: noise(c.key), Value: noise(c.value)}
				for i := range c.headers {
					r.Headers = append(r.Headers, kgo.RecordHeader{Key: fmt.Sprintf("h%d", 10+i), Value: noise(99 * (i + 1))[99*i:]})
				}
				p.produce(t, r)
				p.whole(t, "g", p.compile(t, copies), kafka.Options{UntilEnd: true})
				got := p.letters(t, "trades.dlq")
				if len(got) != 1 {
					t.Fatalf("%d dead letters, want 1", len(got))
				}
				letter := got[0]
				if !strings.HasPrefix(string(r.Value), string(letter.Value)) || !strings.HasPrefix(string(r.Key), string(letter.Key)) {
					t.Error("what is left is not the beginning")
				}
				if header(t, letter, "parallax.offset") != "0" {
					t.Error("it does not say where it comes from")
				}
				if cut := header(t, letter, "parallax.cut"); cut != c.cut {
					t.Errorf("parallax.cut=%s, want %s", cut, c.cut)
				}
				left := slices.IndexFunc(letter.Headers, func(h kgo.RecordHeader) bool { return strings.HasPrefix(h.Key, "parallax.") })
				if left != c.leftHeaders || len(letter.Key) < c.leftKey {
					t.Errorf("%d original headers and %d bytes of the key are left, want %d and %d", left, len(letter.Key), c.leftHeaders, c.leftKey)
				}
				if size := len(letter.Key) + len(letter.Value); c.headers < 40 && size < 2400 {
					t.Errorf("%d bytes of value and key are left of a topic's 3000", size)
				}
			})
		})
	}
}

func TestADeadLetterOfWhichTheHeadersDoNotFitStopsTheJobAndSaysWhatToSet(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.create(t, "trades", 1_048_588)
		p.create(t, "trades.dlq", 150)
		p.produce(t, &kgo.Record{Value: []byte("no JSON")})
		pl := p.compile(t, copies)
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		_, err = work(t.Context(), t, task, pl, 0)
		if err == nil {
			t.Fatal("no error")
		}
		for _, part := range []string{p.prefix + "trades/0@0", p.prefix + "trades.dlq", "max.message.bytes", "150"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%v\nlacks %s", err, part)
			}
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestARowThatIsTooLargeIsRefusedAndItsCauseADeadLetter(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 3, 1)
		p.create(t, "copies", 3000)
		long := fmt.Sprintf(`{"symbol":"%s","quantity":1,"ts":1000}`, strings.Repeat("x", 5000))
		p.produce(t, &kgo.Record{Value: []byte(long), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("v")}}}, &kgo.Record{Value: []byte(`{"symbol":"last","quantity":1,"ts":1000}`)})
		pl := p.compile(t, copies)
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := work(t.Context(), t, task, pl, 0); err != nil {
			t.Fatal(err)
		}
		stats := task.Stats()
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if stats.TooLarge != 1 || stats.DeadLetters != 1 || stats.Rows != 4 {
			t.Errorf("%+v, want one row too large, one dead letter, four rows", stats)
		}
		if rows := p.read(t, "copies"); len(rows) != 4 {
			t.Errorf("%d rows, want 4: %s", len(rows), rows)
		}
		got := p.letters(t, "trades.dlq")
		if len(got) != 1 || string(got[0].Value) != long {
			t.Fatalf("%d dead letters, want the record that made the row", len(got))
		}
		if sink := header(t, got[0], "parallax.sink"); sink != p.prefix+"copies" {
			t.Errorf("sink %s", sink)
		}
		header(t, got[0], "h")
		if why := header(t, got[0], "parallax.error"); !strings.Contains(why, "3000") || !strings.Contains(why, "50") || len(why) > 300 {
			t.Errorf("%s: want the two sizes, and not the data", why)
		}
		if at := p.committed(t, "g"); at[0] != 5 {
			t.Errorf("committed %v", at)
		}
	})
}

// TestALimitThatIsLoweredWhileTheJobRunsDoesNotStopIt lowers the limit after the job
// has read it.
func TestALimitThatIsLoweredWhileTheJobRunsDoesNotStopIt(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 3, 1)
		p.create(t, "copies", 100_000)
		p.create(t, "trades.dlq", 100_000)
		long := fmt.Sprintf(`{"symbol":"%s","quantity":1,"ts":1000}`, noiseText(50_000))
		p.produce(t, &kgo.Record{Value: []byte(long)}, &kgo.Record{Value: []byte("no JSON" + noiseText(50_000))})
		pl := p.compile(t, copies)
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		c := p.newClient(t)
		lower := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "max.message.bytes", Value: kadm.StringPtr("2000")}}
		for _, topic := range []string{"copies", "trades.dlq"} {
			if _, err := kadm.NewClient(c).AlterTopicConfigs(t.Context(), lower, p.prefix+topic); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
		if _, err := work(t.Context(), t, task, pl, 0); err != nil {
			t.Fatal(err)
		}
		stats := task.Stats()
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rows := p.read(t, "copies"); len(rows) != 3 || stats.Rows != 3 || stats.TooLarge != 1 || stats.DeadLetters != 2 {
			t.Errorf("%d rows, %+v", len(rows), stats)
		}
		got := p.letters(t, "trades.dlq")
		if len(got) != 2 {
			t.Fatalf("%d dead letters, want 2", len(got))
		}
		for i, at := range []string{"3", "4"} {
			if header(t, got[i], "parallax.offset") != at || !strings.HasPrefix(header(t, got[i], "parallax.cut"), "value=") {
				t.Errorf("dead letter %d: %v", i, got[i].Headers)
			}
		}
	})
}

func noiseText(n int) string {
	b := noise(n)
	for i := range b {
		b[i] = 'a' + b[i]%26
	}
	return string(b)
}

// TestABrokerThatTakesLessThanItSaysDoesNotStopTheJob has the broker refuse batches of
// half of what its topic says.
func TestABrokerThatTakesLessThanItSaysDoesNotStopTheJob(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 3, 1)
		p.create(t, "copies", 8000)
		p.produce(t, &kgo.Record{Value: fmt.Appendf(nil, `{"symbol":"%s","quantity":1,"ts":1000}`, noiseText(5000))})
		p.fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
			p.fake.KeepControl()
			req := r.(*kmsg.ProduceRequest)
			resp := req.ResponseKind().(*kmsg.ProduceResponse)
			tooLarge := false
			for _, rt := range req.Topics {
				out := kmsg.NewProduceResponseTopic()
				out.Topic, out.TopicID = rt.Topic, rt.TopicID
				for _, tp := range rt.Partitions {
					tooLarge = tooLarge || len(tp.Records) > 3000
					rp := kmsg.NewProduceResponseTopicPartition()
					rp.Partition, rp.ErrorCode = tp.Partition, kerr.MessageTooLarge.Code
					out.Partitions = append(out.Partitions, rp)
				}
				resp.Topics = append(resp.Topics, out)
			}
			return resp, nil, tooLarge
		})
		pl := p.compile(t, copies)
		p.whole(t, "g", pl, kafka.Options{UntilEnd: true, DeadLetter: "dead"})
		if rows := p.read(t, "copies"); len(rows) != 3 {
			t.Errorf("%d rows, want 3", len(rows))
		}
		if got := p.letters(t, "dead"); len(got) != 1 || header(t, got[0], "parallax.offset") != "3" {
			t.Errorf("%d dead letters, want that of trades/0@3", len(got))
		}
	})
}

func TestADeadLetterThatIsReadAgainHasEachHeaderOnce(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.create(t, "trades", 1_048_588)
		p.produce(t, &kgo.Record{Value: []byte("no JSON"), Headers: []kgo.RecordHeader{{Key: "parallax.topic", Value: []byte("first")}, {Key: "parallax.cut", Value: []byte("value=7")}}})
		p.whole(t, "g", p.compile(t, copies), kafka.Options{UntilEnd: true})
		got := p.letters(t, "trades.dlq")
		if len(got) != 1 {
			t.Fatalf("%d dead letters", len(got))
		}
		if header(t, got[0], "parallax.topic") != p.prefix+"trades" || header(t, got[0], "original.parallax.topic") != "first" {
			t.Errorf("%v", got[0].Headers)
		}
		if slices.ContainsFunc(got[0].Headers, func(h kgo.RecordHeader) bool { return h.Key == "parallax.cut" }) {
			t.Error("the record's parallax.cut stands for this dead letter's")
		}
	})
}

// TestATransactionEndsWithinABatchOnceItIsFull gives the output a batch of which the
// rows are many times what a transaction may hold.
func TestATransactionEndsWithinABatchOnceItIsFull(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 200, 1)
		pl := p.compile(t, copies)
		p.whole(t, "whole", pl, kafka.Options{UntilEnd: true})
		want, wantDead := p.read(t, "copies"), p.read(t, "trades.dlq")

		pieces := p.compile(t, strings.ReplaceAll(copies, "kafka_topic='copies'", "kafka_topic='pieces'"))
		task, err := p.open(t, "pieces", pieces, kafka.Options{UntilEnd: true, DeadLetter: p.prefix + "dead", MaxBytes: 1000})
		if err != nil {
			t.Fatal(err)
		}
		var most int64
		if _, err := work(t.Context(), t, task, pieces, 0); err != nil {
			t.Fatal(err)
		}
		most = max(most, task.Pending())
		stats := task.Stats()
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := p.read(t, "pieces"); !slices.Equal(got, want) {
			t.Errorf("%d rows, want %d", len(got), len(want))
			for _, w := range want {
				if !slices.Contains(got, w) {
					t.Errorf("lacks %s", w)
				}
			}
		}
		if got := p.read(t, "dead"); len(got) != len(wantDead) {
			t.Errorf("%d dead letters, want %d", len(got), len(wantDead))
		}
		if stats.Committed < 40 || most > 1000 {
			t.Errorf("%d transactions, %d bytes pending: want some four rows each", stats.Committed, most)
		}
		if at := p.committed(t, "pieces"); at[0] != 200 {
			t.Errorf("committed %v", at)
		}
	})
}
