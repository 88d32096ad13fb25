package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/ingest"
)

// keyed returns a source with one key column and one value column A.
func keyed(topic string, format row.Format, kind row.Kind) *row.Source {
	return &row.Source{
		Name: strings.ToUpper(topic), Topic: topic, Timestamp: -1, KeyFormat: format,
		Columns: []row.Column{{Name: "K", Type: row.Of(kind)}, {Name: "A", Type: row.Of(row.Bigint)}},
		Key:     []bool{true, false}, Needed: []bool{false, true},
	}
}

// readAll returns all records of a reader, its batches, and its last error.
func readAll(f *ingest.FileReader) (records []row.Record, batches []*row.Batch, err error) {
	for {
		b, err := f.Next(context.Background())
		if err != nil {
			return records, batches, err
		}
		batches = append(batches, b)
		for i := range b.Len() {
			records = append(records, *b.Record(i))
		}
	}
}

func open(t interface{ Fatal(...any) }, text string, sources []*row.Source, opt ingest.FileOptions) *ingest.FileReader {
	f, err := ingest.NewFileReader(context.Background(), strings.NewReader(text), "in.jsonl", sources, opt)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func quoted(b []byte) string {
	if b == nil {
		return "nil"
	}
	return strconv.QuoteToGraphic(string(b))
}

func TestLinesAreRecords(t *testing.T) {
	text, err := os.ReadFile("testdata/lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	sources := []*row.Source{
		keyed("trades", row.FormatKafka, row.Bigint), keyed("names", row.FormatKafka, row.String),
		keyed("pairs", row.FormatJSON, row.Bigint), keyed("plain", row.FormatString, row.String),
	}
	good, checked := "", 0 // the good lines so far: an error ends a file
	for n, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		checked++
		given, want, _ := strings.Cut(line, " -> ")
		given = strings.TrimRight(given, " ")
		records, _, err := readAll(open(t, good+given+"\n", sources, ingest.FileOptions{Batch: 1}))
		got := ""
		if errors.Is(err, io.EOF) {
			r := records[len(records)-1]
			got = fmt.Sprintf("%s/%d@%d %d %s %s", r.Topic, r.Partition, r.Offset, r.Timestamp, quoted(r.Key), quoted(r.Value))
			for _, h := range r.Headers {
				got += " " + h.Key + "=" + quoted(h.Value)
			}
			good += given + "\n"
		} else {
			place := fmt.Sprintf("in.jsonl:%d: ", strings.Count(good, "\n")+1)
			text, isPlaced := strings.CutPrefix(err.Error(), place)
			if !isPlaced {
				t.Errorf("the error %q does not begin with %s", err, place)
			}
			got = "error: " + text
		}
		if got != want {
			t.Errorf("lines.txt:%d: %s\n got %s\nwant %s", n+1, given, got, want)
		}
	}
	if checked == 0 {
		t.Fatal("no lines")
	}
}

// Of white space that JSON does not have, a line is not blank.
func TestALineOfOtherWhiteSpaceIsNotBlank(t *testing.T) {
	for _, space := range []string{"\v", "\f", "\u0085", "\u00a0", "\u2028"} {
		for _, text := range []string{space, space + `{"topic":"a","value":{}}`, `{"topic":"a","value":{}}` + space} {
			_, _, err := readAll(open(t, " \t\r\n"+text+"\n", testSources, ingest.FileOptions{}))
			if err == nil || !strings.HasPrefix(err.Error(), "in.jsonl:2: not a record: ") {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}

// In a file the order is the arrival's, and no topic-partition ever leaves.
func TestAFilesOrderIsTheInputOrder(t *testing.T) {
	const lines = `
{"topic":"b","value":{"ts":50,"n":0}}
{"topic":"a","value":{"ts":10,"n":0}}

{"topic":"a","partition":1,"value":{"cut":1}}
{"topic":"a","value":{"ts":60,"n":1}}
{"topic":"table","value":{"ts":1,"n":0}}
{"topic":"b","timestamp":5,"value":null}
{"topic":"b","value":{"ts":70,"n":2}}
`
	want := []string{
		"b/0@0 time 50 watermark 50", "a/0@0 time 10 watermark 50", "a/1@0 undecodable watermark 50", "a/0@1 time 60 watermark 50",
		"table/0@0 time 1 watermark 50", "b/0@1 time 50 null watermark 50", "b/0@2 time 70 watermark 60",
	}
	for _, size := range []int{1, 2, 3, 100} {
		for _, flush := range []bool{false, true} {
			f := open(t, lines, testSources, ingest.FileOptions{Batch: size, Flush: flush})
			_, batches, err := readAll(f)
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			if flush {
				last := batches[len(batches)-1]
				batches = batches[:len(batches)-1]
				if !last.Flush() || last.First != 7 || last.Seq != int64(len(batches)) || last.Watermark() != row.FinalWatermark {
					t.Errorf("batches of %d: the last is %d from %d", size, last.Seq, last.First)
				}
			}
			var got []string
			for i, b := range batches {
				if b.Seq != int64(i) || b.First != int64(len(got)) || b.Flush() {
					t.Errorf("batch %d is %d from %d, want from %d", i, b.Seq, b.First, len(got))
				}
				got = append(got, shown(t, b)[1:]...)
			}
			if !slices.Equal(got, want) {
				t.Errorf("batches of %d:\n%s\nwant\n%s", size, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

func TestTheTopicMayBeLeftOutWithOneSource(t *testing.T) {
	records, _, err := readAll(open(t, `{"value":{"a":1}}`, []*row.Source{keyed("t", row.FormatKafka, row.String)}, ingest.FileOptions{}))
	if !errors.Is(err, io.EOF) || len(records) != 1 || records[0].Topic != "t" || records[0].State != row.Decoded {
		t.Errorf("%v, %v", records, err)
	}
}

func TestLinesOfValuesAreRecordsWhateverTheyHold(t *testing.T) {
	src := []*row.Source{keyed("t", row.FormatKafka, row.String)}
	f := open(t, "{\"a\":1}\r\nno object\n\n{\"a\":\"x\"}\n{\"topic\":\"t\"}", src, ingest.FileOptions{Values: true})
	records, _, err := readAll(f)
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	var got []string
	for i, r := range records {
		if r.Topic != "t" || r.Offset != int64(i) {
			t.Errorf("record %d is %s@%d", i, r.Topic, r.Offset)
		}
		got = append(got, fmt.Sprintf("%q %v", r.Value, r.State == row.Decoded))
	}
	if want := []string{`"{\"a\":1}" true`, `"no object" false`, `"" false`, `"{\"a\":\"x\"}" false`, `"{\"topic\":\"t\"}" true`}; !slices.Equal(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if _, err := ingest.NewFileReader(context.Background(), strings.NewReader(""), "in", testSources, ingest.FileOptions{Values: true}); err == nil {
		t.Error("lines of values were taken for several sources")
	}
}

func TestAReaderThatFailedKeepsFailing(t *testing.T) {
	f := open(t, "{\"topic\":\"t\",\"value\":{}}\nwrong\n{\"topic\":\"t\",\"value\":{}}\n", testSources, ingest.FileOptions{Batch: 5})
	for range 2 {
		if b, err := f.Next(context.Background()); b != nil || err == nil || !strings.HasPrefix(err.Error(), "in.jsonl:2: not a record") {
			t.Errorf("%v, %v", b, err)
		}
	}
}

func TestReadingStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f := open(t, "{\"topic\":\"t\",\"value\":{}}\n", testSources, ingest.FileOptions{})
	if _, err := f.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if b, err := f.Next(context.Background()); err != nil || b.Len() != 1 {
		t.Errorf("after that %v, %v", b, err)
	}
}

// blanks is an endless line.
type blanks struct{}

func (blanks) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	f := open(t, `{"topic":"t","value":{"ts":1,"s":"`+long+"\"}}\n"+`{"topic":"t","value":{"ts":2}}`, testSources, ingest.FileOptions{})
	records, _, err := readAll(f)
	if !errors.Is(err, io.EOF) || len(records) != 2 || len(records[0].Value) != len(long)+15 || records[1].EventTime != 2 {
		t.Errorf("%d records, %v", len(records), err)
	}
	endless, err := ingest.NewFileReader(context.Background(), blanks{}, "in.jsonl", testSources, ingest.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := endless.Next(context.Background()); err == nil || err.Error() != "in.jsonl:1: the line is longer than 64 MiB" {
		t.Error(err)
	}
}

// awkward is what a key, value or header may hold that is hard to write as text.
var awkward = []string{
	"", "AAPL", "a|b", `"x"`, `{"a": 1.10}`, ` {"a":1}`, `{"a":1} `, "{\"a\":\n1}", "{\"a\":\"\xff\"}", `{"$bytes":"AA=="}`, `{"a":1`, "null", "true", "1.50",
	"ABCD", "ABCDEFGH", "\x00\x00\x00\x07", "\x7f\xf8\x00\x00\x00\x00\x00\x00", "<&>é\u2028",
}

func TestWrittenRecordsReadBackAsTheyWere(t *testing.T) {
	for _, format := range []row.Format{row.FormatKafka, row.FormatString, row.FormatJSON, row.FormatNone} {
		for _, kind := range []row.Kind{row.String, row.Int, row.Bigint, row.Double, row.Boolean} {
			src := keyed("t", format, kind)
			for _, text := range awkward {
				b := []byte(text)
				readsBack(t, src, row.Record{Key: b, Value: b, Headers: []row.Header{{Key: "h", Value: b}, {Key: "", Value: nil}, {Key: "h", Value: b}}})
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		maybe := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 9), rapid.Just([]byte(nil)))
		readsBack(t, keyed("t", row.FormatKafka, rapid.SampledFrom([]row.Kind{row.Int, row.Bigint, row.Double}).Draw(t, "key type")), row.Record{
			TopicPartition: row.TopicPartition{Partition: rapid.Int32Range(0, 9).Draw(t, "partition")},
			Offset:         rapid.Int64Range(0, 1<<60).Draw(t, "offset"), Timestamp: rapid.Int64().Draw(t, "timestamp"),
			Key: maybe.Draw(t, "key"), Value: maybe.Draw(t, "value"),
		})
	})
}

// readsBack writes a record for a source, and reads it.
func readsBack(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, src *row.Source, want row.Record,
) {
	want.Topic = src.Topic
	line := codec.AppendRecord(nil, &want, src)
	records, _, err := readAll(open(t, string(line)+"\n", []*row.Source{src}, ingest.FileOptions{}))
	if !errors.Is(err, io.EOF) || len(records) != 1 {
		t.Fatalf("%s: %d records, %v", line, len(records), err)
	}
	shows := func(r *row.Record) string {
		text := fmt.Sprintf("%v %d %d %s %s", r.TopicPartition, r.Offset, r.Timestamp, quoted(r.Key), quoted(r.Value))
		for _, h := range r.Headers {
			text += " " + h.Key + "=" + quoted(h.Value)
		}
		return text
	}
	if got, want := shows(&records[0]), shows(&want); got != want {
		t.Fatalf("%s\n got %s\nwant %s", line, got, want)
	}
}

func TestTheFirstBatchOfAFileIsSmallWhereARecordCanMakeManyRows(t *testing.T) {
	f := open(t, strings.Repeat("{\"topic\":\"t\",\"value\":{}}\n", 100), testSources, ingest.FileOptions{MostRows: 1_000_000})
	b, err := f.Next(t.Context())
	if err != nil || b.Len() != 1 {
		t.Fatalf("it has %d records, want 1 (%v)", b.Len(), err)
	}
	f.Made(1, 1, 10)
	for n := b.Len(); n < 100; n += b.Len() {
		if b, err = f.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.Made(b.Len(), b.Len(), 10)
	}
}
