package checkpoint

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"parallax/processors/state"
)

// bytes is the envelope as it is stored, nil if its manifest is not JSON.
func (e *envelope) bytes(t testing.TB) []byte {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		return nil
	}
	return text
}

// stageFile writes the file of a stage.
func stageFile(t testing.TB, stage int, entries []state.Entry) ([]byte, StageFile) {
	t.Helper()
	e, err := newStageEncoder(context.Background(), stage, slices.Values(entries), texts{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	data, err := io.ReadAll(e)
	if err != nil {
		t.Fatal(err)
	}
	f := described(data, 0, e.bytes)
	f.Entries, f.Digest = e.digest.Entries, e.digest
	return data, f
}

func described(data []byte, entries, length int64) StageFile {
	sum := sha256.Sum256(data)
	return StageFile{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(data)), Entries: entries, Bytes: length}
}

// packed is a stage file of contents that a writer does not write.
func packed(t testing.TB, stage int, contents []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil, zstd.WithWindowSize(window))
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(contents, header(stage))
}

func readAll(data []byte, stage int, f *StageFile) (entries []state.Entry, err error) {
	err = readStage(bytes.NewReader(data), stage, f, texts{}, func(e state.Entry) error {
		entries = append(entries, e)
		return nil
	})
	return entries, err
}

func TestAStageIsReadAsItWasWritten(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 300_000)
	for name, entries := range map[string][]state.Entry{
		"none":  nil,
		"one":   {{Hash: math.MaxUint64, Partition: math.MinInt32, State: ""}},
		"some":  stagesAt(500)[0],
		"large": {{Partition: math.MaxInt32, State: large}, {State: "small"}, {State: large[1:]}},
		"many":  stagesAt(200_000)[0],
	} {
		data, f := stageFile(t, 3, entries)
		got, err := readAll(data, 3, &f)
		if err != nil || !reflect.DeepEqual(got, entries) {
			t.Errorf("%s: %d of %d entries, %v", name, len(got), len(entries), err)
		}
	}
}

// TestEveryBitOfAStageFileCounts flips each, and cuts the file at each byte.
func TestEveryBitOfAStageFileCounts(t *testing.T) {
	data, f := stageFile(t, 0, stagesAt(1)[0])
	for i := range data {
		for bit := range 8 {
			damaged := bytes.Clone(data)
			damaged[i] ^= 1 << bit
			if _, err := readAll(damaged, 0, &f); err == nil {
				t.Errorf("bit %d of byte %d is changed, and the file is read", bit, i)
			}
		}
		if _, err := readAll(data[:i], 0, &f); err == nil {
			t.Errorf("%d bytes of it are read", i)
		}
	}
	if _, err := readAll(append(bytes.Clone(data), 0), 0, &f); err == nil {
		t.Error("a byte more is read")
	}
}

func entry(length uint64, partition int64, form string) []byte {
	b := binary.AppendUvarint(nil, length)
	b = append(b, "hashhash"...)
	return append(binary.AppendVarint(b, partition), form...)
}

// TestStageFilesThatAreRefused: the sum of each is right, so what is in it is looked at.
func TestStageFilesThatAreRefused(t *testing.T) {
	two := append(entry(1, 0, "a"), entry(2, 0, "bc")...)
	other, _ := stageFile(t, 1, stagesAt(1)[1])
	for _, c := range []struct {
		name, want     string
		data           []byte
		entries, bytes int64
	}{
		{"empty", "it is empty", nil, 0, 0},
		{"cut in the header", "at byte 5 of its header", []byte("pxsta"), 0, 0},
		{"another file", "not a stage file", []byte("#!/bin/sh\necho no"), 1, 9},
		{"newer", "format 3 is newer", append([]byte("pxstate\x03"), 0, 0, 0, 0), 1, 9},
		{"of another stage", "it is the file of stage 1", other, 1, 17},
		{"no zstd", "entry 0 at byte 0", append(header(0), "not compressed"...), 1, 14},
		{"an entry missing", "entry 2 at byte 23: its length: unexpected EOF", packed(t, 0, two), 3, 40},
		{"an entry too many", "its 1 entries end at byte 11, and the manifest says 23", packed(t, 0, two), 1, 23},
		{"bytes too many", "there is more after its last entry, at byte 11", packed(t, 0, two), 1, 11},
		{"cut in a form", "entry 0 at byte 0: after 1 of its 3 bytes", packed(t, 0, entry(3, 0, "a")), 1, 13},
		{"longer than what is left", "entry 0 at byte 0: its length is 12, and 1 bytes are left", packed(t, 0, entry(12, 0, "a")), 1, 11},
		{"longer than there can be", "its length is 18446744073709551615", packed(t, 0, entry(math.MaxUint64, 0, "a")), 1, 20},
		{"no such partition", "there is no partition 2147483648", packed(t, 0, entry(1, math.MaxInt32+1, "a")), 1, 15},
		{"other entries", "the digest of its entries is 1:", packed(t, 0, entry(1, 0, "a")), 1, 11},
		{"refused by the codec", "entry 1 at byte 11: not a text", packed(t, 0, append(entry(1, 0, "a"), entry(1, 0, "\xff")...)), 2, 22},
	} {
		f := described(c.data, c.entries, c.bytes)
		if _, err := readAll(c.data, 0, &f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// TestALieAboutLengthTakesNoMemory: neither the manifest's nor an entry's length is believed
// before the bytes are there, and what a small file expands to is bounded by the manifest.
func TestALieAboutLengthTakesNoMemory(t *testing.T) {
	const most = 16 << 20
	lie := packed(t, 0, entry(1<<50, 0, "a"))
	bomb := packed(t, 0, append(entry(1, 0, "a"), make([]byte, 64<<20)...))
	for name, f := range map[string]StageFile{
		"lie":  described(lie, 1, 1<<55),
		"bomb": described(bomb, 1, 11),
	} {
		data := map[string][]byte{"lie": lie, "bomb": bomb}[name]
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := readAll(data, 0, &f)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s is read", name)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > most {
			t.Errorf("%s took %d bytes to be refused (%v)", name, took, err)
		}
	}
}

func FuzzStage(f *testing.F) {
	data, d := stageFile(f, 0, stagesAt(1)[0])
	f.Add(data, d.Entries, d.Bytes, false)
	f.Add(append(entry(1, 0, "a"), entry(2, 0, "bc")...), int64(2), int64(23), true)
	f.Add(entry(1<<50, 0, "a"), int64(1), int64(1)<<55, true)
	f.Fuzz(func(t *testing.T, data []byte, entries, length int64, pack bool) {
		if pack { // else the fuzzer hardly gets past the decompression
			data = packed(t, 0, data)
		}
		file := described(data, entries, length)
		got, err := readAll(data, 0, &file)
		if err == nil && int64(len(got)) != max(entries, 0) {
			t.Errorf("%d entries, want %d", len(got), entries)
		}
	})
}
