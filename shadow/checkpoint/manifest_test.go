package checkpoint

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func encoded(t testing.TB, m *Manifest) []byte {
	t.Helper()
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// example is a manifest with all that there is.
func example(t testing.TB) *Manifest {
	t.Helper()
	d := newDisk().dir()
	w, err := NewWriter(d, codecs(2), Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := write(w, 2, 30)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAManifestIsReadAsItWasWritten(t *testing.T) {
	m := example(t)
	got, err := readManifest(bytes.NewReader(encoded(t, m)), m.ID)
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("%v\n%+v\n%+v", err, got, m)
	}
}

// TestEveryBitOfAManifestCounts flips each, and cuts it at each byte.
func TestEveryBitOfAManifestCounts(t *testing.T) {
	m := example(t)
	text := encoded(t, m)
	for i := range bytes.TrimSpace(text) {
		for bit := range 8 {
			damaged := bytes.Clone(text)
			damaged[i] ^= 1 << bit
			got, err := readManifest(bytes.NewReader(damaged), m.ID)
			if err == nil && !reflect.DeepEqual(got, m) {
				t.Errorf("bit %d of byte %d changes the manifest, and it is read", bit, i)
			}
			if _, isNewer := errors.AsType[*FormatError](err); isNewer {
				t.Errorf("bit %d of byte %d: damage is taken for a newer format", bit, i)
			}
		}
		if _, err := readManifest(bytes.NewReader(text[:i]), m.ID); err == nil {
			t.Errorf("%d bytes of it are read", i)
		}
	}
}

func TestManifestsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(m *Manifest, e *envelope)
	}{
		{"newer", "format 3 is newer than this version reads (2): use the version of parallax that wrote it", func(_ *Manifest, e *envelope) { e.Format = 3; e.Manifest = []byte(`{"new":1}`) }},
		{"no format", "there is no format 0", func(_ *Manifest, e *envelope) { e.Format = 0 }},
		{"unknown field", `unknown field "more"`, func(_ *Manifest, e *envelope) { e.Manifest = []byte(`{"more":1}`) }},
		{"renamed", "it was renamed", func(m *Manifest, _ *envelope) { m.Place.Position++ }},
		{"another file", "its file is", func(m *Manifest, _ *envelope) { m.Stages[1].Name = "../../etc/passwd" }},
		{"swapped files", "stage 0: its file is", func(m *Manifest, _ *envelope) { m.Stages[0], m.Stages[1] = m.Stages[1], m.Stages[0] }},
		{"no sum", "is not a SHA-256", func(m *Manifest, _ *envelope) { m.Stages[1].SHA256 = "00" }},
		{"more entries than bytes", "cannot be", func(m *Manifest, _ *envelope) {
			m.Stages[0].Entries = m.Stages[0].Bytes
			m.Stages[0].Digest.Entries = m.Stages[0].Bytes
		}},
		{"another digest", "and its digest is of 7", func(m *Manifest, _ *envelope) { m.Stages[0].Digest.Entries = 7 }},
		{"negative batch", "must not be negative", func(m *Manifest, _ *envelope) { m.Place.Batch = -1 }},
	} {
		m := example(t)
		id := m.ID
		c.change(m, &envelope{})
		var e envelope
		if err := decodeStrictly(encoded(t, m), &e); err != nil {
			t.Fatal(err)
		}
		c.change(m, &e)
		e.SHA256 = e.sum()
		_, err := readManifest(bytes.NewReader(e.bytes(t)), id)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	for name, text := range map[string]string{"empty": "", "huge": strings.Repeat(" ", maxManifest+1), "two": "{}{}", "other": "x"} {
		if _, err := readManifest(strings.NewReader(text), ID{}); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// Format 1 is what versions wrote that knew no stages.
func TestAManifestOfFormat1IsRead(t *testing.T) {
	m := example(t)
	m.Stage = nil
	var e envelope
	if err := decodeStrictly(encoded(t, m), &e); err != nil {
		t.Fatal(err)
	}
	e.Format = 1
	e.SHA256 = e.sum()
	got, err := readManifest(bytes.NewReader(e.bytes(t)), m.ID)
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("%+v, %v\nwant %+v", got, err, m)
	}
}

func FuzzManifest(f *testing.F) {
	m := example(f)
	f.Add(encoded(f, m))
	f.Add([]byte(`{"format":3,"sha256":"","manifest":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := readManifest(bytes.NewReader(text), m.ID)
		if err == nil && got.validate() != nil {
			t.Error("what is read is not valid")
		}
		// As one whose sum is right.
		e := envelope{Format: Format, Manifest: text}
		e.SHA256 = e.sum()
		if b := e.bytes(t); b != nil {
			_, _ = readManifest(bytes.NewReader(b), m.ID)
		}
	})
}
