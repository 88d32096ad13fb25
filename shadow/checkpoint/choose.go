package checkpoint

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"parallax/processors/plan"
	"parallax/processors/state"
)

// Want describes the checkpoints from which a job may continue.
type Want struct {
	Job, Task   string
	Generation  int64
	Fingerprint string
	// Parts are the parts that the fingerprint covers: an error names those that differ.
	Parts []plan.Part
	// Position is the position of the last committed transaction.
	Position int64
}

// Choice is the checkpoint to go on from.
type Choice struct {
	Manifest *Manifest
	State    *state.Snapshot
	// Damaged are newer checkpoints that are not whole, and why: each error names the
	// file. They deserve a warning.
	Damaged []error
}

// NoneError says that there is no checkpoint to go on from: what there is, and what can be
// done.
type NoneError struct {
	Want Want
	// Where is the storage.
	Where string
	// Damaged has an error for each damaged checkpoint from which the job could otherwise continue.
	Damaged []error
	// Others are all other checkpoints.
	Others []ID
}

func (e *NoneError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s has no checkpoint from which job %s can go on at position %d of generation %d: ", e.Where, e.Want.Job, e.Want.Position, e.Want.Generation)
	if n := len(e.Damaged) + len(e.Others); n == 0 {
		b.WriteString("there are no checkpoints")
	} else {
		fmt.Fprintf(&b, "of %d there, none fits and is whole", n)
	}
	for _, err := range e.Damaged {
		fmt.Fprintf(&b, "\n  %v", err)
	}
	for _, id := range e.Others {
		why := "beyond what was committed"
		if id.Generation != e.Want.Generation {
			why = "another run from the start"
		}
		fmt.Fprintf(&b, "\n  %s: generation %d, position %d: %s", id.Manifest(), id.Generation, id.Position, why)
	}
	b.WriteString("\ncopy the job's state directory from where the job ran before, or begin again with --from-start")
	return b.String()
}

// ForeignError says that a whole checkpoint at the right place belongs to another query or program.
type ForeignError struct {
	Where    string
	Manifest *Manifest
	Want     Want
}

func (e *ForeignError) Error() string {
	m := e.Manifest
	if m.Job != e.Want.Job || m.Task != e.Want.Task {
		return fmt.Sprintf("checkpoint %s is of job %s, task %s, and this is job %s, task %s: give each job a state.dir of its own",
			e.Where, m.Job, m.Task, e.Want.Job, e.Want.Task)
	}
	how := plan.Difference(m.Parts, e.Want.Parts)
	if how == "" {
		how = fmt.Sprintf("its fingerprint is %.12s, and this job's is %.12s", m.Fingerprint, e.Want.Fingerprint)
	}
	return fmt.Sprintf("checkpoint %s was written for another query or other settings (%s; by %s): run the job as it was, or begin again with --from-start (and --append to keep what is in the output topics)",
		e.Where, how, m.Program)
}

// Newest returns the newest checkpoint, nil if there is none, whether or not it is whole. It is
// an error if a newer version has written it.
func Newest(s Storage) (*ID, error) {
	ids, err := manifests(s)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	for _, id := range ids {
		_, err := manifestOf(s, id)
		if _, isNewer := errors.AsType[*FormatError](err); isNewer {
			return nil, err
		}
		if err == nil {
			break
		}
	}
	return &ids[0], nil
}

// Choose returns the newest whole checkpoint at or before the committed position, and its
// state. Damaged ones are passed over. The error is a NoneError if there is none; a ForeignError
// if the newest whole one is of another job, task or fingerprint; it wraps a FormatError if a
// newer version has written one that would come first.
func Choose(ctx context.Context, s Storage, want Want, codecs []state.Codec) (Choice, error) {
	ids, err := manifests(s)
	if err != nil {
		return Choice{}, err
	}
	// The newest has the latest position, unless a damaged one was passed over at a restart.
	slices.SortStableFunc(ids, func(a, b ID) int { return cmp.Compare(b.Position, a.Position) })
	none := &NoneError{Want: want, Where: locationOf(s, "")}
	for _, id := range ids {
		if id.Generation != want.Generation || id.Position > want.Position {
			none.Others = append(none.Others, id)
			continue
		}
		m, snapshot, err := want.read(ctx, s, id, codecs)
		_, isNewer := errors.AsType[*FormatError](err)
		_, isForeign := errors.AsType[*ForeignError](err)
		switch {
		case err == nil:
			return Choice{m, snapshot, none.Damaged}, nil
		case isNewer, isForeign, ctx.Err() != nil:
			return Choice{}, err
		}
		none.Damaged = append(none.Damaged, err)
	}
	return Choice{}, none
}

// read reads a checkpoint. A whole one that does not fit is a ForeignError.
func (w *Want) read(ctx context.Context, s Storage, id ID, codecs []state.Codec) (*Manifest, *state.Snapshot, error) {
	m, err := manifestOf(s, id)
	if err != nil {
		return nil, nil, err
	}
	if !w.fits(m) {
		return nil, nil, cmp.Or(verify(s, m), error(&ForeignError{locationOf(s, id.Manifest()), m, *w}))
	}
	snapshot, err := Restore(ctx, s, m, codecs)
	if err != nil && ctx.Err() == nil {
		err = cmp.Or(verify(s, m), err) // how a file differs from the manifest says more than what cannot be decoded
	}
	return m, snapshot, err
}

// fits reports whether a checkpoint is of the job, task and fingerprint.
func (w *Want) fits(m *Manifest) bool {
	return m.Job == w.Job && m.Task == w.Task && m.Fingerprint == w.Fingerprint
}
