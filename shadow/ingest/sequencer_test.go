package ingest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/ingest"
)

// testSource reads {"ts":time,"n":offset}, its event time being ts.
func testSource(topic string, table bool) *row.Source {
	return &row.Source{
		Name: strings.ToUpper(topic), Topic: topic, Table: table, Timestamp: 0,
		Columns: []row.Column{{Name: "TS", Type: row.Of(row.Bigint)}, {Name: "N", Type: row.Of(row.Bigint)}},
		Key:     []bool{false, false}, Needed: []bool{true, true},
	}
}

var testSources = []*row.Source{testSource("t", false), testSource("a", false), testSource("b", false), testSource("table", true)}

func sourceOf(topic string) int {
	for i, s := range testSources {
		if s.Topic == topic {
			return i
		}
	}
	panic("no source reads " + topic)
}

// event is what a record is made of: a time, "bad", or "null:" and a timestamp.
func chunkOf(at row.TopicPartition, from int64, events ...string) ingest.Chunk {
	source := sourceOf(at.Topic)
	c := ingest.Chunk{Table: row.NewTable(testSources[source], len(events))}
	d, err := codec.NewDecoder(context.Background(), testSources[source], source, codec.DecodeOptions{})
	if err != nil {
		panic(err)
	}
	for i, e := range events {
		rec := row.Record{TopicPartition: at, Offset: from + int64(i), Value: []byte("{")}
		if own, isNull := strings.CutPrefix(e, "null:"); isNull {
			rec.Value = nil
			rec.Timestamp, _ = strconv.ParseInt(own, 10, 64)
		} else if e != "bad" {
			rec.Value = fmt.Appendf(nil, `{"ts":%s,"n":%d}`, e, rec.Offset)
		}
		if err := d.Decode(context.Background(), &rec, c.Table); err != nil {
			panic(err)
		}
		c.Records = append(c.Records, rec)
	}
	return c
}

// shown writes a batch, checking what it says of itself by the way.
func shown(t *testing.T, b *row.Batch) []string {
	t.Helper()
	if b == nil {
		return []string{"nothing"}
	}
	if b.Flush() {
		return []string{fmt.Sprintf("flush %d at position %d", b.Seq, b.First)}
	}
	out := []string{fmt.Sprintf("batch %d from position %d", b.Seq, b.First)}
	rows := map[int32]int32{}
	for i := range b.Len() {
		r := b.Record(i)
		line := fmt.Sprintf("%s/%d@%d", r.Topic, r.Partition, r.Offset)
		switch r.State {
		case row.Undecodable:
			line += " undecodable"
			if r.Row != -1 || r.EventTime != -1 {
				t.Errorf("%s has row %d and time %d", line, r.Row, r.EventTime)
			}
		default:
			if r.Row != rows[r.Source] {
				t.Errorf("%s has row %d of its table, want %d", line, r.Row, rows[r.Source])
			}
			rows[r.Source]++
			line += fmt.Sprintf(" time %d", r.EventTime)
			n := b.Table(int(r.Source)).Columns[1].Value(int(r.Row))
			if r.State == row.NullValue {
				line += " null"
				if !n.IsNull() {
					t.Errorf("%s has a row of %v", line, n)
				}
			} else if n.Int64() != r.Offset {
				t.Errorf("%s has the row of offset %v", line, n)
			}
		}
		if r.Watermark == row.NoWatermark {
			line += " watermark none"
		} else {
			line += fmt.Sprintf(" watermark %d", r.Watermark)
		}
		out = append(out, line)
	}
	for source, n := range rows {
		if got := b.Table(int(source)).Len(); got != int(n) {
			t.Errorf("the table of source %d has %d rows, want %d", source, got, n)
		}
	}
	return out
}

func partition(t *testing.T, text string) row.TopicPartition {
	t.Helper()
	topic, number, ok := strings.Cut(text, "/")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		t.Fatalf("want topic/partition, not %q", text)
	}
	return row.TopicPartition{Topic: topic, Partition: int32(n)}
}

func TestInputOrderAndWatermark(t *testing.T) {
	files, err := filepath.Glob("testdata/order/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			playScript(t, string(text))
		})
	}
}

// playScript runs a script's lines on a new sequencer; lines that start with >
// are what the next or flush before them gives.
func playScript(t *testing.T, script string) {
	s, offsets := ingest.NewSequencer(testSources), map[row.TopicPartition]int64{}
	var pending []string // output that no line has shown yet
	settle := func(n int) {
		if len(pending) > 0 {
			t.Errorf("before line %d there came also:\n> %s", n, strings.Join(pending, "\n> "))
			pending = nil
		}
	}
	for n, line := range strings.Split(script, "\n") {
		n++
		if want, ok := strings.CutPrefix(line, "> "); ok {
			if len(pending) == 0 {
				t.Errorf("line %d: nothing more came, want %s", n, want)
				continue
			}
			if pending[0] != want {
				t.Errorf("line %d:\n got %s\nwant %s", n, pending[0], want)
			}
			pending = pending[1:]
			continue
		}
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		settle(n)
		switch words[0] {
		case "add":
			for _, w := range words[1:] {
				s.Add(partition(t, w))
			}
		case "push":
			at := partition(t, words[1])
			s.Push(at, chunkOf(at, offsets[at], words[2:]...))
			offsets[at] += int64(len(words) - 2)
		case "end":
			s.End(partition(t, words[1]))
		case "caughtup":
			s.CaughtUp(partition(t, words[1]), words[2] == "yes")
		case "idle":
			s.Idle(partition(t, words[1]))
		case "next":
			limit, err := strconv.Atoi(words[1])
			if err != nil {
				t.Fatal(err)
			}
			pending = shown(t, s.Next(ingest.AtMost(limit)))
		case "flush":
			pending = shown(t, s.Flush())
		case "done":
			if !s.Done() {
				t.Errorf("line %d: not done", n)
			}
		case "held":
			if got := fmt.Sprint(s.Held(partition(t, words[1]))); got != words[2] {
				t.Errorf("line %d: %s bytes are held, want %s", n, got, words[2])
			}
		default:
			t.Fatalf("line %d: unknown command %s", n, words[0])
		}
	}
	settle(len(script))
}
