package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"parallax/processors/row"
	"parallax/processors/state"
	"parallax/shadow/ingest"
)

// texts is a codec of entries whose state is a text.
type texts struct{}

func (texts) Append(dst []byte, e state.Entry) []byte { return append(dst, e.State.(string)...) }

func (texts) Read(src []byte) (state.Entry, error) {
	if len(src) > 0 && src[0] == 0xff {
		return state.Entry{}, errors.New("not a text")
	}
	return state.Entry{State: string(src)}, nil
}

// stagesAt are the entries of a state with two stages at a position. No two positions have
// the same.
func stagesAt(position int64) [][]state.Entry {
	var first []state.Entry
	for i := range 20 + position {
		first = append(first, state.Entry{Hash: uint64(i) << 40, Partition: int32(i%5) - 1, State: fmt.Sprintf("key %d at %d", i, position)})
	}
	return [][]state.Entry{first, {{Partition: -1, State: fmt.Sprintf("total %d", position)}}}
}

func frozen(position int64, stages ...[]state.Entry) *state.Frozen {
	f := &state.Frozen{Position: position, Watermark: position * 10, Relays: []state.Relay{{Next: 3, Watermark: row.NoWatermark, Rows: []int64{1, 2}}}}
	for _, entries := range stages {
		f.Stages = append(f.Stages, slices.Values(entries))
	}
	return f
}

func codecs(n int) []state.Codec { return slices.Repeat([]state.Codec{texts{}}, n) }

func manifestAt(generation, position int64) *Manifest {
	return &Manifest{
		Job: "j", Task: "all", Generation: generation, Fingerprint: "abc", Script: "job.yaml", Program: "parallax 1.2",
		Place: ingest.Place{
			Position: position, Batch: position / 10, Watermark: position * 10, Now: 7, Order: 0xff,
			Parts:   []ingest.PlacePart{{TopicPartition: row.TopicPartition{Topic: "t", Partition: 3}, Next: position, Largest: 9, Seen: true}},
			Journal: 4,
		},
	}
}

func want(generation, position int64) Want {
	return Want{Job: "j", Task: "all", Generation: generation, Fingerprint: "abc", Position: position}
}

func newWriter(t *testing.T, s Storage, opt Options) *Writer {
	t.Helper()
	w, err := NewWriter(s, codecs(2), opt)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// write writes and publishes the checkpoint of a position.
func write(w *Writer, generation, position int64) (*Manifest, error) {
	m := manifestAt(generation, position)
	if err := w.Write(context.Background(), frozen(position, stagesAt(position)...), m); err != nil {
		return nil, err
	}
	return m, w.Publish(m)
}

func mustWrite(t *testing.T, w *Writer, generation, position int64) *Manifest {
	t.Helper()
	m, err := write(w, generation, position)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func names(t *testing.T, s Storage) (list []string) {
	t.Helper()
	all, err := s.List("")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		list = append(list, o.Name)
	}
	return list
}

// endless is a stage whose iteration the test steps through.
func endless(step func()) iter.Seq[state.Entry] {
	return func(yield func(state.Entry) bool) {
		for yield(state.Entry{State: "x"}) {
			step()
		}
	}
}
