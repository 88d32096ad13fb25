package checkpoint

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"parallax/processors/plan"
)

// Want is what a checkpoint must be of, to be gone on from.
type Want struct {
	Job, Task   string
	Generation  int64
	Fingerprint string
	// Parts are what the fingerprint is of: an error says which of them differ.
	Parts []plan.Part
	// Position is that of the last committed transaction.
	Position int64
}

// Choice is the checkpoint to go on from.
type Choice struct {
	Manifest *Manifest
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
	// Damaged are the checkpoints that could be gone on from if they were whole.
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

// ForeignError is a whole checkpoint at the right place that must not be gone on from.
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

// Newest returns the manifest of the newest checkpoint that can be read, nil if there is none.
// It does not check the files.
func Newest(s Storage) (*Manifest, error) {
	ids, err := manifests(s)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		r, err := s.Get(id.Manifest())
		if err != nil {
			return nil, err
		}
		m, err := readManifest(r, id)
		r.Close()
		if _, isNewer := errors.AsType[*FormatError](err); isNewer {
			return nil, fmt.Errorf("manifest %s: %w", locationOf(s, id.Manifest()), err)
		}
		if err == nil {
			return m, nil
		}
	}
	return nil, nil
}

// Choose returns the newest whole checkpoint at or before the committed position. Damaged
// ones are passed over. The error is a NoneError if there is none; a ForeignError if the
// newest whole one is of another job, task or fingerprint; it wraps a FormatError if a newer
// version has written one that would come first.
func Choose(s Storage, want Want) (Choice, error) {
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
		f := load(s, id)
		if _, isNewer := errors.AsType[*FormatError](f.Err); isNewer {
			return Choice{}, f.Err
		}
		if f.Err != nil {
			none.Damaged = append(none.Damaged, f.Err)
			continue
		}
		m := f.Manifest
		if m.Job != want.Job || m.Task != want.Task || m.Fingerprint != want.Fingerprint {
			return Choice{}, &ForeignError{locationOf(s, id.Manifest()), m, want}
		}
		return Choice{m, none.Damaged}, nil
	}
	return Choice{}, none
}
