package codec_test

import (
	"context"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// fataler is a *testing.T or a *rapid.T.
type fataler interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// testDecoder fails its test when decoding cannot continue.
type testDecoder struct {
	t fataler
	d *codec.Decoder
}

func newDecoder(t fataler, src *row.Source, index int, opt codec.DecodeOptions) testDecoder {
	d, err := codec.NewDecoder(context.Background(), src, index, opt)
	if err != nil {
		t.Fatal(err)
	}
	return testDecoder{t, d}
}

func (d testDecoder) Decode(rec *row.Record, table *row.Table) {
	if err := d.d.Decode(context.Background(), rec, table); err != nil {
		d.t.Fatal(err)
	}
}

func (d testDecoder) DecodeAll(records []row.Record, table *row.Table) {
	if n, err := d.d.DecodeAll(context.Background(), records, table); err != nil || n != len(records) {
		d.t.Fatal(n, len(records), err)
	}
}

func (d testDecoder) After(largest int64) { d.d.After(largest) }

func newEncoder(t fataler, sink *row.Sink) *codec.Encoder {
	e, err := codec.NewEncoder(context.Background(), sink)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
