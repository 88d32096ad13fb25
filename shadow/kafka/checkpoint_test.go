package kafka_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"parallax/processors"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka"
)

// checkpoint is what a restart continues from: V1's state and its place, as JSON has it.
type checkpoint struct {
	place []byte
	state *state.Snapshot
	// journal is the place's, which a manifest has in a field of its own.
	journal int64
}

// at returns the place.
func (c *checkpoint) at(t *testing.T) *ingest.Place {
	t.Helper()
	var place ingest.Place
	if err := json.Unmarshal(c.place, &place); err != nil {
		t.Fatal(err)
	}
	place.Journal = c.journal
	return &place
}

// set replaces the place.
func (c *checkpoint) set(t *testing.T, place *ingest.Place) {
	t.Helper()
	var err error
	if c.place, err = json.Marshal(place); err != nil {
		t.Fatal(err)
	}
}

// incarnation is one process of a job with state, in small.
type incarnation struct {
	*kafka.Task
	plan *plan.Plan
	v1   *pipeline.V1
	took []row.Record // from the place on
	// onBatch is called with each batch, and whether it is replayed; nil for nothing.
	onBatch func(b *row.Batch, isReplayed bool)
}

// begin opens a task that continues from a checkpoint, nil for none.
func (p *place) begin(t *testing.T, cfg kafka.Config, pl *plan.Plan, opt kafka.Options, from *checkpoint) (*incarnation, error) {
	t.Helper()
	v1, err := pipeline.New(pl, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := &incarnation{plan: pl, v1: v1}
	opt.Job, opt.Client, opt.Stateful = "job", p.client, true
	opt.Resume = func(kafka.Committed) (*ingest.Place, error) {
		if from == nil {
			return nil, nil
		}
		place := from.at(t)
		if from.state != nil {
			if err := v1.Restore(from.state); err != nil {
				t.Fatal(err)
			}
		}
		return place, nil
	}
	in.Task, err = kafka.Open(t.Context(), cfg, pl, opt)
	return in, err
}

// step processes one batch.
func (in *incarnation) step(ctx context.Context) error {
	b, err := in.Next(ctx)
	if err != nil {
		return err
	}
	if in.onBatch != nil {
		_, _, isReplayed := in.Replaying()
		in.onBatch(b, isReplayed)
	}
	var dead []row.DeadLetter
	for i := range b.Len() {
		r := b.Record(i)
		in.took = append(in.took, *r)
		if r.State == row.Undecodable {
			dead = append(dead, row.DeadLetter{Record: i, Reason: r.Err.Error()})
		}
	}
	o, err := in.v1.Process(ctx, b)
	if err != nil {
		return err
	}
	return in.Emit(ctx, b, o.Changes, dead)
}

// steps processes a number of batches, fewer at the end of the input; ended says that it came.
func (in *incarnation) steps(t *testing.T, n int) (ended bool) {
	t.Helper()
	for range n {
		if err := in.step(t.Context()); errors.Is(err, io.EOF) {
			return true
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return false
}

func (in *incarnation) commit(t *testing.T) {
	t.Helper()
	if err := in.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// checkpoint takes one of what was processed so far.
func (in *incarnation) checkpoint(t *testing.T) *checkpoint {
	t.Helper()
	state, err := in.v1.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	place := in.Place()
	text, err := json.Marshal(place)
	if err != nil {
		t.Fatal(err)
	}
	return &checkpoint{place: text, state: state, journal: place.Journal}
}

// stop ends an incarnation; what has not committed is aborted, as after a crash.
func (in *incarnation) stop(t *testing.T) {
	t.Helper()
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// offsets returns what a group has committed.
func (p *place) offsets(t *testing.T, group string) kadm.OffsetResponses {
	t.Helper()
	c := p.newClient(t)
	defer c.Close()
	for {
		// A transaction's offsets are applied a moment after it has committed: what is read, or
		// set by hand, before that would be replaced.
		fetched, err := kadm.NewClient(c).FetchOffsets(kadm.RequireStable(t.Context()), p.prefix+group)
		if err == nil {
			err = fetched.Error()
		}
		switch {
		case err == nil:
			return fetched
		case !errors.Is(err, kerr.UnstableOffsetCommit):
			t.Fatal(err)
		}
	}
}

// note returns the note on what a group has committed.
func (p *place) note(t *testing.T, group string) (note kafka.Note) {
	t.Helper()
	p.offsets(t, group).Each(func(o kadm.OffsetResponse) {
		one, err := kafka.ParseNote(o.Metadata)
		if err != nil {
			t.Fatalf("%s/%d: %v", o.Topic, o.Partition, err)
		}
		if note != (kafka.Note{}) && one != note {
			t.Fatalf("notes differ: %v, %v", one, note)
		}
		note = one
	})
	return note
}

// setByHand commits offsets as a tool does, each with the metadata that it gets.
func (p *place) setByHand(t *testing.T, group string, offset func(partition int32, at int64, metadata string) (int64, string)) {
	t.Helper()
	c := p.newClient(t)
	defer c.Close()
	changed := kadm.Offsets{}
	p.offsets(t, group).Each(func(o kadm.OffsetResponse) {
		at := o.Offset
		at.At, at.Metadata = offset(o.Partition, o.At, o.Metadata)
		changed.Add(at)
	})
	resp, err := kadm.NewClient(c).CommitOffsets(t.Context(), p.prefix+group, changed)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
}
