package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"sync/atomic"
	"time"

	"parallax/processors/state"
)

// Options are how checkpoints are written.
type Options struct {
	// Keep is how many checkpoints are kept, at least 1.
	Keep int
	// Rate is how many bytes a second are written, 0 for no limit. A checkpoint of a clean
	// stop has no limit.
	Rate int64
	// Log takes what goes wrong when old checkpoints are deleted; nil is none.
	Log *slog.Logger
}

// ErrInFlight is returned by Write while another checkpoint is being written.
var ErrInFlight = errors.New("another checkpoint is being written")

// Writer writes checkpoints, one at a time: Write, then Publish or Discard. Write may run on
// a goroutine of its own.
type Writer struct {
	storage Storage
	codecs  []state.Codec
	opt     Options

	inFlight atomic.Bool
	held     held
	// The rest belongs to the checkpoint that is in flight.
	number int64  // of the newest checkpoint
	parent string // the newest manifest
	size   int64  // of the newest checkpoint, 0 if unknown
}

// NewWriter returns a writer of checkpoints with a file for each codec. It deletes the files
// that no manifest names, so the caller must have locked the storage.
func NewWriter(s Storage, codecs []state.Codec, opt Options) (*Writer, error) {
	w := &Writer{storage: s, codecs: codecs, opt: opt}
	w.opt.Keep = max(w.opt.Keep, 1)
	if w.opt.Log == nil {
		w.opt.Log = slog.New(slog.DiscardHandler)
	}
	all, err := s.List("")
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		id, isManifest, ok := parseName(o.Name)
		if !ok {
			continue
		}
		w.number = max(w.number, id.Number)
		if isManifest {
			w.parent = o.Name // the list is ordered, and names begin with the number
		}
	}
	for _, o := range all {
		if id, _, ok := parseName(o.Name); ok && id.Manifest() == w.parent {
			w.size += o.Size
		}
	}
	return w, sweep(s)
}

// IsBusy reports whether a checkpoint is in flight, so that Write would return ErrInFlight.
func (w *Writer) IsBusy() bool { return w.inFlight.Load() }

// Write writes the stage files of a checkpoint and completes the manifest, of which the
// caller sets the fields from Job to Place, and Clean. After an error nothing of it
// is left, or NewWriter deletes it.
func (w *Writer) Write(ctx context.Context, f *state.Frozen, m *Manifest) error {
	switch {
	case f.Position != m.Place.Position:
		return fmt.Errorf("the state is of position %d, and the input stands at %d", f.Position, m.Place.Position)
	case len(f.Stages) != len(w.codecs):
		return fmt.Errorf("the state has %d stages, and there are %d codecs", len(f.Stages), len(w.codecs))
	case !w.inFlight.CompareAndSwap(false, true):
		return ErrInFlight
	}
	w.number++
	m.ID = ID{Number: w.number, Generation: m.Generation, Position: m.Place.Position}
	m.Watermark, m.Relays, m.Parent, m.Stages, m.Written = f.Watermark, f.Relays, w.parent, nil, time.Now().UTC().Truncate(time.Millisecond)
	err := w.checkSpace()
	p := pace{rate: w.opt.Rate}
	if m.Clean {
		p.rate = 0
	}
	for i := 0; i < len(f.Stages) && err == nil; i++ {
		var file StageFile
		if file, err = w.writeStage(ctx, m.ID, i, f.Stages[i], &p); err == nil {
			m.Stages = append(m.Stages, file)
		}
	}
	if err != nil {
		w.Discard(m)
		return fmt.Errorf("checkpoint at position %d: %w", m.Place.Position, err)
	}
	return nil
}

// writeStage writes the file of one stage.
func (w *Writer) writeStage(ctx context.Context, id ID, stage int, entries iter.Seq[state.Entry], p *pace) (StageFile, error) {
	e, err := newStageEncoder(ctx, stage, entries, w.codecs[stage])
	if err != nil {
		return StageFile{}, err
	}
	defer e.close()
	file := StageFile{Name: id.Stage(stage)}
	sum := sha256.New()
	if err := w.storage.Put(file.Name, io.TeeReader(&paced{ctx, p, e}, &countingWriter{sum, &file.Size})); err != nil {
		return StageFile{}, err
	}
	if !e.ended || e.out.Len() > 0 {
		return StageFile{}, fmt.Errorf("%s: the storage has not read it to its end", file.Name)
	}
	file.SHA256, file.Entries, file.Bytes, file.Digest = hex.EncodeToString(sum.Sum(nil)), e.digest.Entries, e.bytes, e.digest
	return file, nil
}

// countingWriter counts what is written.
type countingWriter struct {
	io.Writer
	n *int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	*c.n += int64(n)
	return n, err
}

// checkSpace refuses to begin what would probably fill the disk: a quarter more than the
// newest checkpoint takes.
func (w *Writer) checkSpace() error {
	s, ok := w.storage.(spaceLimited)
	if !ok {
		return nil
	}
	const least = 1 << 20
	free, err := s.Free()
	if err != nil {
		return err
	}
	if need := max(w.size+w.size/4, least); free < need {
		return fmt.Errorf("%s has %d bytes free, and the checkpoint may need %d: free space, or set state.dir to a larger disk", locationOf(w.storage, ""), free, need)
	}
	return nil
}

// Publish makes a checkpoint that Write has written one that a restart goes on from, and
// deletes older ones. After an error it is not in flight any more.
func (w *Writer) Publish(m *Manifest) error {
	text, err := m.encode()
	if err == nil {
		err = w.storage.Create(m.ID.Manifest(), text)
	}
	if err != nil {
		w.Discard(m)
		return fmt.Errorf("checkpoint at position %d: manifest: %w", m.Place.Position, err)
	}
	w.parent, w.size = m.ID.Manifest(), m.Size()
	if err := prune(w.storage, m, w.opt.Keep, w.held.has); err != nil {
		w.opt.Log.Warn("cannot delete an old checkpoint; it is tried again after the next one", "error", err)
	}
	w.inFlight.Store(false)
	return nil
}

// Discard deletes what Write has written of a checkpoint that shall not be published.
func (w *Writer) Discard(m *Manifest) {
	defer w.inFlight.Store(false)
	// The manifest first: it may be there although Create failed.
	err := w.storage.Delete(m.ID.Manifest())
	for i := 0; i <= len(m.Stages) && i < len(w.codecs) && err == nil; i++ {
		err = w.storage.Delete(m.ID.Stage(i))
	}
	if err != nil {
		w.opt.Log.Warn("cannot delete the files of a checkpoint that failed; the next start deletes them", "error", err)
	}
}
