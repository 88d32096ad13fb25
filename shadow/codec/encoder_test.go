package codec_test

import (
	"strings"
	"testing"

	"parallax/processors/numeric"
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// The hashes are the expected values in Kafka's own tests of its default partitioner.
func TestPartitionsAreThoseOfKafkasDefaultPartitioner(t *testing.T) {
	e := newEncoder(t, &row.Sink{KeyFormat: row.FormatKafka, Key: []row.Column{{Name: "K", Type: row.Of(row.String)}}})
	for key, hash := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971, "abc": 479470107,
	} {
		for _, n := range []int32{1, 6, 7, 1000, 1<<31 - 1} {
			if got, want := e.Partition([]byte(key), nil, n), (hash&0x7fffffff)%n; got != want {
				t.Errorf("%q of %d: partition %d, want %d", key, n, got, want)
			}
		}
	}
}

func TestWithoutAKeyThePartitionIsTheCauses(t *testing.T) {
	e := newEncoder(t, &row.Sink{})
	cause := &row.Record{TopicPartition: row.TopicPartition{Partition: 5}}
	if got := e.Partition(nil, cause, 3); got != 2 {
		t.Errorf("partition %d, want 5 modulo 3", got)
	}
	if got := e.Partition(nil, nil, 3); got != 0 {
		t.Errorf("the flush goes to %d, want 0", got)
	}
}

func TestValuesHaveTheirColumnsInOrder(t *testing.T) {
	sink := &row.Sink{Values: []row.Column{{Name: "Z"}, {Name: `quote"d`}, {Name: "A"}, {Name: "D"}}}
	change := &row.Change{Values: []row.Value{row.NewBigint(1), row.NewString("<é\n>"), {}, row.NewDecimal(numeric.Int128Of(150), 2)}}
	for shows, c := range map[string]struct {
		in   []bool
		want string
	}{
		"all":       {nil, `{"Z":1,"quote\"d":"<é\n>","A":null,"D":1.50}`},
		"without Z": {[]bool{false, true, true, true}, `{"quote\"d":"<é\n>","A":null,"D":1.50}`},
		"none":      {[]bool{false, false, false, false}, `{}`},
	} {
		sink.InValue = c.in
		if got := string(newEncoder(t, sink).AppendValue(nil, change)); got != c.want {
			t.Errorf("%s: %s, want %s", shows, got, c.want)
		}
	}
}

func TestRecordsOutAreTheContractsLines(t *testing.T) {
	batch := row.NewBatch(0, 0, []row.Record{{TopicPartition: row.TopicPartition{Topic: "s", Partition: 8}, Offset: 17}}, nil)
	golden(t, "records_out.txt", func(given, _ string) string {
		is := func(word string) bool { return strings.Contains(" "+given+" ", " "+word+" ") }
		sink := &row.Sink{
			Topic: "out", Partitions: 6, KeyFormat: row.FormatKafka, Key: []row.Column{{Name: "K", Type: row.Of(row.String)}},
			Values: []row.Column{{Name: "K", Type: row.Of(row.String)}, {Name: "N", Type: row.Of(row.Bigint)}}, InValue: []bool{false, true},
			Windowed: is("window"),
		}
		change := &row.Change{Key: []row.Value{row.NewString("AAPL")}, Values: []row.Value{row.NewString("AAPL"), row.NewBigint(3)}, Timestamp: 42}
		switch {
		case is("no key"):
			sink.Key, change.Key = nil, nil
		case is("null key"):
			change.Key[0] = row.Value{}
		}
		if is("deletion") {
			change.Values = nil
		}
		if is("window") {
			change.WindowEnd = 60000
		}
		if is("flush") {
			change.Cause = -1
		}
		lines, err := codec.NewLines(t.Context(), []*row.Sink{sink})
		if err != nil {
			t.Fatal(err)
		}
		lines.Raw = is("raw")
		return string(lines.Append(nil, batch, change))
	})
}
