package row_test

import (
	"errors"
	"math"
	"testing"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// sealed returns a batch that contains everything that a path can read.
func sealed() (*row.Batch, *row.Table) {
	elem := row.Of(row.Double)
	source := &row.Source{
		Columns: []row.Column{
			{Name: "A", Type: row.Of(row.Bigint)},
			{Name: "S", Type: row.Of(row.String)},
			{Name: "F", Type: row.Of(row.Double)},
			{Name: "D", Type: row.Type{Kind: row.Decimal, Precision: 30, Scale: 2}},
			{Name: "L", Type: row.Type{Kind: row.Array, Elem: &elem}},
		},
		Needed: []bool{true, true, true, true, true},
	}
	t := row.NewTable(source, 2)
	for range 2 {
		t.Columns[0].AppendInt64(7)
		t.Columns[1].AppendStr("text")
		t.Columns[2].AppendFloat64(0)
		t.Columns[3].AppendInt128(numeric.Int128Of(5))
		t.Columns[4].AppendNested(row.NewArray([]row.Value{row.NewDouble(0)}))
		t.EndRow()
	}
	records := make([]row.Record, 2)
	for i := range records {
		records[i] = row.Record{
			TopicPartition: row.TopicPartition{Topic: "in", Partition: 1}, Offset: 3, Timestamp: 4, EventTime: 5, Watermark: 6, Now: 7,
			Row: int32(i), Key: []byte("key"), Value: []byte("value"),
			Headers: []row.Header{{Key: "h", Value: []byte("v")}},
		}
	}
	return row.NewBatch(1, 10, records, []*row.Table{t}), t
}

// Each way of writing to a batch, and some that leave the same bytes side by side.
func TestTheChecksumCoversAllThatAPathCanRead(t *testing.T) {
	original, _ := sealed()
	before := original.Checksum()
	if same, _ := sealed(); same.Checksum() != before {
		t.Fatal("an equal batch has another checksum")
	}
	for name, write := range map[string]func(b *row.Batch, t *row.Table){
		"number of the batch":  func(b *row.Batch, _ *row.Table) { b.Seq++ },
		"first position":       func(b *row.Batch, _ *row.Table) { b.First++ },
		"settled":              func(b *row.Batch, _ *row.Table) { b.Settle(9) },
		"topic":                func(b *row.Batch, _ *row.Table) { b.Record(0).Topic = "on" },
		"partition":            func(b *row.Batch, _ *row.Table) { b.Record(0).Partition++ },
		"offset":               func(b *row.Batch, _ *row.Table) { b.Record(0).Offset++ },
		"timestamp":            func(b *row.Batch, _ *row.Table) { b.Record(0).Timestamp++ },
		"event time":           func(b *row.Batch, _ *row.Table) { b.Record(0).EventTime++ },
		"watermark":            func(b *row.Batch, _ *row.Table) { b.Record(1).Watermark++ },
		"now":                  func(b *row.Batch, _ *row.Table) { b.Record(1).Now++ },
		"state":                func(b *row.Batch, _ *row.Table) { b.Record(1).State = row.NullValue },
		"error":                func(b *row.Batch, _ *row.Table) { b.Record(1).Err = errors.New("no") },
		"source":               func(b *row.Batch, _ *row.Table) { b.Record(1).Source++ },
		"row":                  func(b *row.Batch, _ *row.Table) { b.Record(1).Row = 0 },
		"key byte":             func(b *row.Batch, _ *row.Table) { b.Record(0).Key[0] = 'K' },
		"key and value joined": func(b *row.Batch, _ *row.Table) { r := b.Record(0); r.Key, r.Value = []byte("keyv"), []byte("alue") },
		"no key":               func(b *row.Batch, _ *row.Table) { b.Record(0).Key = nil },
		"value byte":           func(b *row.Batch, _ *row.Table) { b.Record(0).Value[4] = 'E' },
		"header name":          func(b *row.Batch, _ *row.Table) { b.Record(0).Headers[0].Key = "H" },
		"header value":         func(b *row.Batch, _ *row.Table) { b.Record(0).Headers[0].Value[0] = 'V' },
		"a header less":        func(b *row.Batch, _ *row.Table) { b.Record(0).Headers = nil },
		"number":               func(_ *row.Batch, t *row.Table) { t.Columns[0].Int64s(0)[0] = 8 },
		"text":                 func(_ *row.Batch, t *row.Table) { t.Columns[1].Strs(0)[1] = "next" },
		"sign of a zero":       func(_ *row.Batch, t *row.Table) { t.Columns[2].Int64s(0)[0] = math.MinInt64 },
		"decimal":              func(_ *row.Batch, t *row.Table) { t.Columns[3].Int64s(0)[1] = 6 },
		"null":                 func(_ *row.Batch, t *row.Table) { t.Columns[0].SetNull(1) },
		"inside an array": func(_ *row.Batch, t *row.Table) {
			t.Columns[4].Value(0).Elements()[0] = row.NewDouble(math.Copysign(0, -1))
		},
		"type":       func(_ *row.Batch, t *row.Table) { t.Columns[3].Type.Scale = 3 },
		"a row more": func(_ *row.Batch, t *row.Table) { t.Extend(1) },
		"no column":  func(_ *row.Batch, t *row.Table) { t.Columns[0] = nil },
	} {
		b, table := sealed()
		write(b, table)
		if b.Checksum() == before {
			t.Errorf("%s: the checksum is the same", name)
		}
	}
	if row.NewFlush(1, 10, 0).Checksum() == row.NewBatch(1, 10, nil, nil).Checksum() {
		t.Error("a flush has the checksum of an empty batch")
	}
}
