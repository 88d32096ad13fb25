package codec

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"parallax/processors/row"
)

// remoteReader depends on another system, which is unavailable for a while.
type remoteReader struct {
	reader
	// isAway reports whether the system is away; fails is the error then.
	isAway func() bool
	fails  error
}

func (r *remoteReader) read(ctx context.Context, b []byte, t *row.Table) error {
	if r.isAway() {
		return r.fails
	}
	return r.reader.read(ctx, b, t)
}

func remoteSource() *row.Source {
	return &row.Source{
		Name: "S", Timestamp: -1, Format: row.FormatJSON, KeyFormat: row.FormatKafka,
		Columns: []row.Column{{Name: "K", Type: row.Of(row.String)}, {Name: "A", Type: row.Of(row.Bigint)}},
		Key:     []bool{true, false}, Needed: []bool{true, true},
	}
}

// remoteRecords returns good records, and a bad one at every fifth position.
func remoteRecords(n int) (list []row.Record) {
	for i := range n {
		value := fmt.Appendf(nil, `{"a":%d}`, i)
		if i%5 == 4 {
			value = []byte(`{"a":`)
		}
		list = append(list, row.Record{Offset: int64(i), Timestamp: int64(i), Key: []byte("k"), Value: value})
	}
	return list
}

// An error that says nothing about the record stops decoding before that record, with or
// without a learnt layout, and for the key as for the value.
func TestARecordThatCannotBeDecodedForNowIsNotBad(t *testing.T) {
	const n = 150 // several chunks
	away := fmt.Errorf("schema 7: %w: connection refused", errUnavailable)
	for _, part := range []string{"value", "key"} {
		for _, hasLearnt := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, learnt=%v", part, hasLearnt), func(t *testing.T) {
				src := remoteSource()
				d, err := NewDecoder(t.Context(), src, 0, DecodeOptions{})
				if err != nil {
					t.Fatal(err)
				}
				calls := 0
				isAway := func() bool { calls++; return calls%7 == 3 }
				if part == "value" {
					d.value = &remoteReader{reader: d.value, isAway: isAway, fails: away}
				} else {
					d.key = &remoteReader{reader: d.key, isAway: isAway, fails: away}
				}
				if !hasLearnt {
					d.object = nil
				}
				records, table := remoteRecords(n), row.NewTable(src, n)
				failures := 0
				for at := 0; at < n; {
					done, err := d.DecodeAll(t.Context(), records[at:], table)
					at += done
					if err == nil {
						continue
					}
					if failures++; !errors.Is(err, away) || failures > n {
						t.Fatal(err)
					}
					rows := 0
					for i := range records[:at] {
						if records[i].State == row.Decoded {
							rows++
						}
					}
					if table.Len() != rows {
						t.Fatalf("after %d records the table has %d rows, want %d", at, table.Len(), rows)
					}
				}
				if failures == 0 {
					t.Fatal("the reader was never away")
				}
				for i := range records {
					r := &records[i]
					switch {
					case i%5 == 4:
						if r.State != row.Undecodable || strings.Contains(r.Err.Error(), "refused") {
							t.Errorf("record %d: state %v, %v; want undecodable for its own fault", i, r.State, r.Err)
						}
					case r.State != row.Decoded:
						t.Errorf("record %d: state %v, %v", i, r.State, r.Err)
					default:
						if a := table.Columns[1].Int64(int(r.Row)); a != int64(i) {
							t.Errorf("record %d was decoded to %d", i, a)
						}
					}
				}
			})
		}
	}
}

// An interrupted reader says nothing about the record, for any error that it returns.
func TestARecordIsNotBadBecauseDecodingWasInterrupted(t *testing.T) {
	src := remoteSource()
	d, err := NewDecoder(t.Context(), src, 0, DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d.value = &remoteReader{reader: d.value, isAway: func() bool { cancel(); return true }, fails: errors.New("the call was cut off")}
	records := remoteRecords(1)
	if done, err := d.DecodeAll(ctx, records, row.NewTable(src, 1)); done != 0 || err == nil || records[0].Err != nil {
		t.Errorf("%d decoded, %v; the record's own error %v", done, err, records[0].Err)
	}
}

func TestConstructorsReturnWhatAFormatCannotDo(t *testing.T) {
	src := remoteSource()
	src.Format = row.FormatNone
	if _, err := NewDecoder(t.Context(), src, 0, DecodeOptions{}); err == nil || err.Error() != "source S: the format NONE cannot be read as a value" {
		t.Error(err)
	}
	if _, err := NewEncoders(t.Context(), []*row.Sink{{Name: "T", Format: row.FormatString}}); err == nil || err.Error() != "sink T: the format STRING cannot be written as a value" {
		t.Error(err)
	}
}
