package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"parallax/processors/plan"
	"parallax/processors/state"
	"parallax/shadow/ingest"
	"parallax/shadow/stage"
)

// Format is the format of manifests and stage files that this version writes and reads. It
// is raised with every change of them, a new field included. Older formats are read, too:
// format 1 has no Stage.
const Format = 2

// Manifest describes a checkpoint.
type Manifest struct {
	// ID is in the name of the manifest.
	ID ID `json:"-"`

	Job        string `json:"job"`
	Task       string `json:"task"`
	Generation int64  `json:"generation"`
	// Parts are the parts of the plan and of the settings on which the state depends, and
	// Fingerprint is a digest of them. Semantics is exec.Semantics of the program that wrote the
	// checkpoint. Script and Program describe in words what wrote it.
	Parts       []plan.Part `json:"parts"`
	Fingerprint string      `json:"fingerprint"`
	Semantics   int         `json:"semantics"`
	Script      string      `json:"script"`
	Program     string      `json:"program"`
	// Place is the place in the input, Watermark is the processor's watermark, and Relays are the
	// relays of the plan's stages that follow others.
	Place     ingest.Place  `json:"place"`
	Watermark int64         `json:"watermark"`
	Relays    []state.Relay `json:"relays"`
	// Stages has an element for each stage of the plan.
	Stages []StageFile `json:"stages"`
	// Stage is the last change of the migration's stage before the place; nil for none.
	Stage *stage.Change `json:"stage,omitempty"`
	// Parent is the manifest that was the newest when this one was written.
	Parent string `json:"parent"`
	// Clean says that the job stopped here, so that nothing is replayed.
	Clean   bool      `json:"clean"`
	Written time.Time `json:"written"`
}

// StageFile describes the file of one stage.
type StageFile struct {
	Name string `json:"name"`
	// SHA256 is the hash of the file, in hexadecimal digits, Size its length.
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	// Entries is the number of entries and Bytes their length before compression.
	Entries int64 `json:"entries"`
	Bytes   int64 `json:"bytes"`
	// Digest is the digest of the entries.
	Digest state.Digest `json:"digest"`
}

// Size is the length of all stage files together.
func (m *Manifest) Size() (bytes int64) {
	for i := range m.Stages {
		bytes += m.Stages[i].Size
	}
	return bytes
}

// FormatError is a manifest of a format that this version does not read.
type FormatError struct{ Format int }

func (e *FormatError) Error() string {
	return fmt.Sprintf("format %d is newer than this version reads (%d): use the version of parallax that wrote it, or a newer one", e.Format, Format)
}

// envelope is the stored form of a manifest. All formats have it, so that damage can be distinguished
// from a newer format.
type envelope struct {
	Format int `json:"format"`
	// SHA256 is the hash of the format, a line feed and the bytes of Manifest.
	SHA256   string          `json:"sha256"`
	Manifest json.RawMessage `json:"manifest"`
}

func (e *envelope) sum() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d\n", e.Format)
	h.Write(e.Manifest)
	return hex.EncodeToString(h.Sum(nil))
}

// encode returns the manifest as it is stored.
func (m *Manifest) encode() ([]byte, error) {
	inner, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	e := envelope{Format: Format, Manifest: inner}
	e.SHA256 = e.sum()
	text, err := json.Marshal(e)
	return append(text, '\n'), err
}

// maxManifest is the length up to which a manifest is read.
const maxManifest = 16 << 20

// readManifest reads what encode wrote.
func readManifest(r io.Reader, id ID) (*Manifest, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) == 0:
		return nil, errors.New("it is empty")
	case len(text) > maxManifest:
		return nil, fmt.Errorf("it is longer than %d bytes", maxManifest)
	}
	var e envelope
	if err := decodeStrictly(text, &e); err != nil {
		return nil, fmt.Errorf("not a manifest: %w", err)
	}
	if sum := e.sum(); sum != e.SHA256 {
		return nil, fmt.Errorf("its SHA-256 is %s, and it says %.64q: it was changed or damaged", sum, e.SHA256)
	}
	if e.Format > Format {
		return nil, &FormatError{e.Format}
	}
	if e.Format < 1 {
		return nil, fmt.Errorf("there is no format %d", e.Format)
	}
	m := &Manifest{ID: id}
	if err := decodeStrictly(e.Manifest, m); err != nil {
		return nil, fmt.Errorf("not a manifest: %w", err)
	}
	return m, m.validate()
}

// decodeStrictly decodes one JSON value; fields that are not known are an error.
func decodeStrictly(text []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after its end")
	}
	return nil
}

// validate checks what a reader relies on.
func (m *Manifest) validate() error {
	switch {
	case m.Generation != m.ID.Generation || m.Place.Position != m.ID.Position:
		return fmt.Errorf("it is of generation %d and position %d, which its name does not say: it was renamed", m.Generation, m.Place.Position)
	case m.Place.Position < 0 || m.Place.Batch < 0 || m.Generation < 0:
		return fmt.Errorf("position %d, batch %d and generation %d must not be negative", m.Place.Position, m.Place.Batch, m.Generation)
	}
	for i := range m.Stages {
		if err := m.Stages[i].validate(m.ID.Stage(i)); err != nil {
			return fmt.Errorf("stage %d: %w", i, err)
		}
	}
	return nil
}

func (f *StageFile) validate(name string) error {
	sum, err := hex.DecodeString(f.SHA256)
	switch {
	case f.Name != name:
		return fmt.Errorf("its file is %.100q, and must be %s", f.Name, name)
	case err != nil || len(sum) != sha256.Size:
		return fmt.Errorf("%.100q is not a SHA-256", f.SHA256)
	case f.Entries != f.Digest.Entries:
		return fmt.Errorf("%d entries, and its digest is of %d", f.Entries, f.Digest.Entries)
	case f.Size < 0 || f.Entries < 0 || f.Bytes < 0 || f.Entries > f.Bytes/minEntry:
		return fmt.Errorf("%d entries in %d bytes, %d in the file, cannot be", f.Entries, f.Bytes, f.Size)
	}
	return nil
}
