package checkpoint

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors/state"
)

func TestACheckpointIsRestoredAsItWasWritten(t *testing.T) {
	dir, err := OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := newWriter(t, dir, Options{Keep: 2})
	first := mustWrite(t, w, 1, 10)
	written := mustWrite(t, w, 1, 20)
	if written.Parent != first.ID.Manifest() || written.Size() == 0 {
		t.Errorf("parent %q, size %d", written.Parent, written.Size())
	}
	c, err := Choose(t.Context(), dir, want(1, 20), codecs(2))
	if err != nil || !reflect.DeepEqual(c.Manifest, written) {
		t.Fatalf("%v\n%+v\n%+v", err, c.Manifest, written)
	}
	got, err := Restore(t.Context(), dir, c.Manifest, codecs(2))
	f := frozen(20)
	wanted := &state.Snapshot{Position: 20, Watermark: f.Watermark, Relays: f.Relays, Queries: stagesAt(20)}
	if err != nil || !reflect.DeepEqual(got, wanted) {
		t.Errorf("%v\n%+v\n%+v", err, got, wanted)
	}
	if _, err := Restore(t.Context(), dir, c.Manifest, codecs(1)); err == nil || !strings.Contains(err.Error(), "has 2 stages, and the script 1") {
		t.Errorf("with one codec: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Restore(ended, dir, c.Manifest, codecs(2)); !errors.Is(err, context.Canceled) {
		t.Errorf("in a context that has ended: %v", err)
	}
}

// TestADamagedFileIsNamed: also where it is damaged after it was chosen.
func TestADamagedFileIsNamed(t *testing.T) {
	d := newDisk()
	m := mustWrite(t, newWriter(t, d.dir(), Options{}), 1, 10)
	n := d.names[m.Stages[1].Name]
	n.data = n.data[:len(n.data)-3]
	_, err := Restore(t.Context(), d.dir(), m, codecs(2))
	if err == nil || !strings.Contains(err.Error(), "stage 1: state/0000000001-g1-p10.stage1.zst: ") || !strings.Contains(err.Error(), "at byte ") {
		t.Errorf("%v", err)
	}
}

func TestOldCheckpointsAreDeleted(t *testing.T) {
	positions := func(s Storage) (list []int64) {
		ids, err := manifests(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			list = append(list, id.Position)
		}
		return list
	}
	dir := newDisk().dir()
	w := newWriter(t, dir, Options{Keep: 2})
	for _, position := range []int64{0, 100, 200, 300} {
		mustWrite(t, w, 1, position)
	}
	if got := positions(dir); !reflect.DeepEqual(got, []int64{300, 200}) {
		t.Errorf("there are %v", got)
	}
	// Until a new generation has processed a batch, a restart needs the earlier one.
	mustWrite(t, w, 2, 0)
	mustWrite(t, w, 2, 0)
	mustWrite(t, w, 2, 0)
	if got := positions(dir); !reflect.DeepEqual(got, []int64{0, 0, 300, 200}) {
		t.Errorf("at the start of a generation there are %v", got)
	}
	mustWrite(t, w, 2, 50)
	if got := positions(dir); !reflect.DeepEqual(got, []int64{50, 0}) {
		t.Errorf("in a generation there are %v", got)
	}
	if got := names(t, dir); len(got) != 6 {
		t.Errorf("the files are %v", got)
	}
	// A start deletes nothing that is whole, nor what is not of a checkpoint.
	if err := dir.Put("notes.txt", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	newWriter(t, dir, Options{Keep: 1})
	if got := names(t, dir); len(got) != 7 {
		t.Errorf("after a start the files are %v", got)
	}
}

// TestAHeldCheckpointStaysUntilItIsReleased: it can be read to its end while newer ones are published.
func TestAHeldCheckpointStaysUntilItIsReleased(t *testing.T) {
	dir := newDisk().dir()
	w := newWriter(t, dir, Options{Keep: 1})
	oldest := mustWrite(t, w, 1, 0)
	release := w.Hold(oldest.ID)
	again := w.Hold(oldest.ID)
	mustWrite(t, w, 1, 100)
	again()
	again() // once counts
	newest := mustWrite(t, w, 1, 200)
	if ids, err := manifests(dir); err != nil || !reflect.DeepEqual(ids, []ID{newest.ID, oldest.ID}) {
		t.Errorf("while the oldest is held there are %v, %v", ids, err)
	}
	release()
	newest = mustWrite(t, w, 1, 300)
	if ids, err := manifests(dir); err != nil || !reflect.DeepEqual(ids, []ID{newest.ID}) {
		t.Errorf("after its release there are %v, %v", ids, err)
	}
}

func TestOneCheckpointIsInFlight(t *testing.T) {
	dir := newDisk().dir()
	w := newWriter(t, dir, Options{})
	m := manifestAt(1, 10)
	if err := w.Write(t.Context(), frozen(10, stagesAt(10)...), m); err != nil {
		t.Fatal(err)
	}
	if _, err := write(w, 1, 20); !errors.Is(err, ErrInFlight) || !w.IsBusy() {
		t.Errorf("a second one: %v, busy: %v", err, w.IsBusy())
	}
	w.Discard(m)
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("one that is discarded leaves %v", got)
	}
	mustWrite(t, w, 1, 20)
	if w.IsBusy() {
		t.Error("busy after it is published")
	}
}

// TestASlowDiskHoldsUpOneCheckpoint, and not the job: another one is refused at once.
func TestASlowDiskHoldsUpOneCheckpoint(t *testing.T) {
	slow := slowStorage{newDisk().dir(), make(chan bool), make(chan bool)}
	w := newWriter(t, slow, Options{})
	written := make(chan error)
	m := manifestAt(1, 10)
	go func() { written <- w.Write(t.Context(), frozen(10, stagesAt(10)...), m) }()
	<-slow.begun
	if _, err := write(w, 1, 20); !errors.Is(err, ErrInFlight) {
		t.Errorf("another one: %v", err)
	}
	slow.goOn <- true
	<-slow.begun
	slow.goOn <- true
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(m); err != nil {
		t.Fatal(err)
	}
	if c, err := Choose(t.Context(), slow, want(1, 10), codecs(2)); err != nil || c.Manifest.Place.Position != 10 {
		t.Errorf("%+v, %v", c, err)
	}
}

// slowStorage waits in each Put until the test lets it go on.
type slowStorage struct {
	Storage
	begun, goOn chan bool
}

func (s slowStorage) Put(name string, r io.Reader) error {
	s.begun <- true
	<-s.goOn
	return s.Storage.Put(name, r)
}

// TestAWriterThatIsEndedLeavesNothing, and may write again.
func TestAWriterThatIsEndedLeavesNothing(t *testing.T) {
	dir := newDisk().dir()
	w := newWriter(t, dir, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	f := frozen(10, stagesAt(10)[0], nil)
	f.Stages[1] = endless(func() {
		if steps++; steps == 100_000 {
			cancel()
		}
	})
	if err := w.Write(ctx, f, manifestAt(1, 10)); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("it leaves %v", got)
	}
	mustWrite(t, w, 1, 20)
}

// TestLittleOfAStateIsInMemory: a page is encoded when the one before was written.
func TestLittleOfAStateIsInMemory(t *testing.T) {
	taken := 0
	e, err := newStageEncoder(t.Context(), 0, endless(func() { taken++ }), texts{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	p := make([]byte, 1)
	if _, err := e.Read(p); err != nil || taken != 0 {
		t.Fatalf("the header took %d entries, %v", taken, err)
	}
	p = make([]byte, headerSize)
	for range 2 {
		if _, err := e.Read(p); err != nil {
			t.Fatal(err)
		}
	}
	if most := 2 * window; taken == 0 || taken > most {
		t.Errorf("%d entries were taken, want at most %d", taken, most)
	}
}

func TestAFullDiskIsSeenBefore(t *testing.T) {
	d := newDisk()
	w := newWriter(t, d.dir(), Options{})
	mustWrite(t, w, 1, 10)
	d.free = 1000
	before := d.steps
	_, err := write(w, 1, 20)
	if err == nil || !strings.Contains(err.Error(), "state has 1000 bytes free, and the checkpoint may need") {
		t.Errorf("%v", err)
	}
	if d.steps != before {
		t.Error("it began to write")
	}
	d.free = 1 << 30
	mustWrite(t, w, 1, 30)
}

// TestWritingIsAsFastAsTheRate: a clean stop has no limit.
func TestWritingIsAsFastAsTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate = 100
		w := newWriter(t, newDisk().dir(), Options{Rate: rate})
		begin := time.Now()
		m := mustWrite(t, w, 1, 10)
		want := time.Duration(float64(m.Size()) / rate * float64(time.Second))
		if took := time.Since(begin); took < want || took > want+time.Second {
			t.Errorf("%d bytes took %v, want %v", m.Size(), took, want)
		}
		begin = time.Now()
		m = manifestAt(1, 20)
		m.Clean = true
		if err := w.Write(t.Context(), frozen(20, stagesAt(20)...), m); err != nil || time.Since(begin) != 0 {
			t.Errorf("a clean stop took %v, %v", time.Since(begin), err)
		}
		w.Discard(m)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := w.Write(ctx, frozen(30, stagesAt(30)...), manifestAt(1, 30)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while it waits: %v", err)
		}
	})
}

func TestAStateOfAnotherPlaceIsNotWritten(t *testing.T) {
	w := newWriter(t, newDisk().dir(), Options{})
	if err := w.Write(t.Context(), frozen(10, stagesAt(10)...), manifestAt(1, 20)); err == nil {
		t.Error("a state at 10 is written as one at 20")
	}
	if err := w.Write(t.Context(), frozen(10, stagesAt(10)[0]), manifestAt(1, 10)); err == nil {
		t.Error("a state of one stage is written with two codecs")
	}
	if w.IsBusy() {
		t.Error("busy")
	}
}
