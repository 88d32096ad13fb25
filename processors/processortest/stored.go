package processortest

import (
	"bytes"
	"fmt"

	"parallax/processors/state"
)

// Stored returns a snapshot as it is after its entries were written as bytes and read again:
// what was read must be written as the same bytes, and must not change when the bytes that it
// was read from do.
func Stored(codecs []state.Codec, s *state.Snapshot) (*state.Snapshot, error) {
	back := &state.Snapshot{Position: s.Position, Watermark: s.Watermark, Relays: s.Relays}
	for i, entries := range s.Queries {
		list := make([]state.Entry, 0, len(entries))
		for _, e := range entries {
			form := codecs[i].Append(nil, e)
			room := bytes.Clone(form)
			read, err := codecs[i].Read(room)
			if err != nil {
				return nil, fmt.Errorf("stage %d: %x was written: %w", i, form, err)
			}
			for k := range room {
				room[k] = 0xff
			}
			if again := codecs[i].Append(nil, read); !bytes.Equal(again, form) {
				return nil, fmt.Errorf("stage %d: %x was written, and %x of what was read", i, form, again)
			}
			read.Hash, read.Partition = e.Hash, e.Partition
			list = append(list, read)
		}
		back.Queries = append(back.Queries, list)
	}
	return back, nil
}

// Digests returns the digest of each stage of a snapshot.
func Digests(codecs []state.Codec, s *state.Snapshot) []state.Digest {
	digests := make([]state.Digest, len(s.Queries))
	var form []byte
	for i, entries := range s.Queries {
		for _, e := range entries {
			form = codecs[i].Append(form[:0], e)
			digests[i].Add(form)
		}
	}
	return digests
}
