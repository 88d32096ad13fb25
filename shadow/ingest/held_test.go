package ingest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"parallax/processors/row"
)

// awayDecoder cannot decode for now, so many times.
type awayDecoder struct {
	decoder
	times int
}

var errAway = errors.New("the schema registry is away")

func (d *awayDecoder) Decode(ctx context.Context, rec *row.Record, t *row.Table) error {
	if d.times > 0 {
		d.times--
		return errAway
	}
	return d.decoder.Decode(ctx, rec, t)
}

// A record that cannot be decoded for now keeps its place: it is neither undecodable nor
// left out.
func TestAFilesRecordThatCannotBeDecodedForNowIsDecodedByTheNextCall(t *testing.T) {
	f, err := NewFileReader(t.Context(), strings.NewReader(list(1)+"\n"+list(2)+"\n"+list(3)), "f", []*row.Source{arraySource()}, FileOptions{Values: true, Batch: 10})
	if err != nil {
		t.Fatal(err)
	}
	f.decoders[0] = &awayDecoder{f.decoders[0], 2}
	for range 2 {
		if b, err := f.Next(t.Context()); b != nil || !errors.Is(err, errAway) || !strings.HasPrefix(err.Error(), "f:1: the record cannot be decoded for now: ") {
			t.Fatal(b, err)
		}
	}
	b, err := f.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Len() {
		if r := b.Record(i); r.Offset != int64(i) || r.State != row.Decoded || len(b.Table(0).Columns[0].Value(int(r.Row)).Elements()) != i+1 {
			t.Errorf("record %d is %v at offset %d, %v", i, r.State, r.Offset, r.Err)
		}
	}
	if _, err := f.Next(t.Context()); b.Len() != 3 || !errors.Is(err, io.EOF) {
		t.Errorf("%d records, then %v", b.Len(), err)
	}
}
