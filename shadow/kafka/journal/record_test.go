package journal_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"parallax/processors/row"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka/journal"
)

// drawJournal draws a record as a commit makes it.
func drawJournal(r *rapid.T) journal.Record {
	small := rapid.Int64Range(0, 300)
	out := journal.Record{Group: rapid.String().Draw(r, "group"), Generation: 1 + small.Draw(r, "generation"), Transaction: small.Draw(r, "transaction"), From: rapid.Int64Range(0, math.MaxInt64-100_000).Draw(r, "from")}
	for range rapid.IntRange(1, 4).Draw(r, "topic-partitions") {
		out.Journal.Parts = append(out.Journal.Parts, row.TopicPartition{Topic: rapid.String().Draw(r, "topic"), Partition: rapid.Int32Range(0, math.MaxInt32).Draw(r, "partition")})
	}
	part := rapid.Int32Range(0, int32(len(out.Journal.Parts)-1))
	at := out.From
	for range rapid.IntRange(0, 20).Draw(r, "runs") {
		at += small.Draw(r, "gap")
		run := ingest.Run{Position: at, Count: 1 + rapid.Int32Range(0, 300).Draw(r, "count"), Part: part.Draw(r, "part")}
		out.Journal.Runs, at = append(out.Journal.Runs, run), at+int64(run.Count)
	}
	out.To = at + small.Draw(r, "after")
	for at := out.From; rapid.IntRange(0, 3).Draw(r, "another") > 0; {
		if at += small.Draw(r, "gap"); at >= out.To {
			break
		}
		out.Journal.Departures = append(out.Journal.Departures, ingest.Departure{Position: at, Part: part.Draw(r, "part")})
	}
	return out
}

func newCodec(t testing.TB) *journal.Codec {
	t.Helper()
	c, err := journal.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	c := newCodec(t)
	rapid.Check(t, func(r *rapid.T) {
		want := drawJournal(r)
		got, err := c.Parse(c.Value(&want))
		if err != nil || !reflect.DeepEqual(got, want) {
			r.Fatalf("%+v, %v\nwant %+v", got, err, want)
		}
	})
}

func TestWhatIsNotARecordIsRefused(t *testing.T) {
	c := newCodec(t)
	z, err := zstd.NewWriter(nil, zstd.WithWindowSize(1<<17))
	if err != nil {
		t.Fatal(err)
	}
	packed := func(plain ...byte) []byte { return z.EncodeAll(plain, []byte{1}) }
	head := []byte{1, 'g', 1, 0, 5, 3, 1, 1, 't', 0} // positions [5, 8) of t/0
	after := func(rest ...byte) []byte { return packed(append(append([]byte(nil), head...), rest...)...) }
	if _, err := c.Parse(after(1, 2, 2, 1, 2, 0)); err != nil {
		t.Fatal(err)
	}
	for want, value := range map[string][]byte{
		"it is empty":                             nil,
		"it has version 2":                        {2},
		"it has version 0":                        {0},
		"decompress it":                           {1, 'x', 'y'},
		"decompressed size exceeds":               z.EncodeAll(make([]byte, 64<<20), []byte{1}),
		"the length of the group is not a number": packed(),
		"the length of the group is 9":            packed(9, 'g'),
		"generation is 0":                         packed(1, 'g', 0),
		"length is not a number":                  packed(1, 'g', 1, 0, 5),
		"the number of topic-partitions is 9":     packed(1, 'g', 1, 0, 5, 3, 9),
		"partition is 4294967295":                 packed(1, 'g', 1, 0, 5, 3, 1, 1, 't', 0xff, 0xff, 0xff, 0xff, 0x0f),
		"the number of runs is 100":               after(100),
		"run is 4":                                after(1, 4, 0),
		"gap is 0":                                after(1, 1, 0, 0),
		"gap is 4":                                after(1, 1, 4, 0),
		"count is 3":                              after(1, 2, 3, 0),
		"a run ends after position 8":             after(2, 2, 2, 0, 0),
		"departure is 3":                          after(0, 1, 3, 0),
		"topic-partition is 1":                    after(0, 1, 2, 1),
		"1 bytes follow its end":                  after(0, 0, 0),
		"the number of runs is not a number":      after(0x80, 0),
	} {
		if _, err := c.Parse(value); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func FuzzRecord(f *testing.F) {
	c, random := newCodec(f), rand.New(rand.NewPCG(1, 1))
	r := journal.Record{Group: "group", Generation: 2, Transaction: 7, From: 1000, To: 2000}
	r.Journal.Parts = []row.TopicPartition{{Topic: "a"}, {Topic: "b", Partition: 3}}
	for at := r.From; at < r.To; at += 3 {
		r.Journal.Runs = append(r.Journal.Runs, ingest.Run{Position: at, Count: 1 + random.Int32N(3), Part: random.Int32N(2)})
	}
	r.Journal.Departures = []ingest.Departure{{Position: 1000, Part: 1}, {Position: 1999, Part: 0}}
	r.To++
	z, err := zstd.NewReader(nil)
	if err != nil {
		f.Fatal(err)
	}
	plain, err := z.DecodeAll(c.Value(&r)[1:], nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain, true)
	f.Add(c.Value(&r), false)
	w, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, value []byte, isPlain bool) {
		if isPlain { // behind the compression, which the fuzzer does not guess
			value = w.EncodeAll(value, []byte{1})
		}
		got, err := c.Parse(value)
		if err != nil {
			return
		}
		again, err := c.Parse(c.Value(&got))
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%+v, %v\nwant %+v", again, err, got)
		}
	})
}
