package store

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/shadow/evidence"
)

// faulty is a store on a disk that fails, or that does not answer until it is released.
type faulty struct {
	err      error
	answers  chan struct{} // nil: at once
	appended []int
}

func (f *faulty) Append(_ evidence.RunIdentity, spans ...*evidence.Span) error {
	if f.answers != nil {
		<-f.answers
	}
	if f.err == nil {
		f.appended = append(f.appended, len(spans))
	}
	return f.err
}

func (f *faulty) Close() error { return nil }

func recorderOf(f *faulty) (*Recorder, *bytes.Buffer) {
	var log bytes.Buffer
	return startRecorder("evidence", "job", evidence.RunIdentity{}, slog.New(slog.NewTextHandler(&log, nil)), func() (appender, error) { return f, nil }), &log
}

// TestTheLastSpanOfAnIdleJobIsTriedAgain: no other span comes, and the store works again.
func TestTheLastSpanOfAnIdleJobIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{err: errors.New("the disk is full")}
		r, log := recorderOf(f)
		r.Take(&evidence.Span{})
		time.Sleep(5 * retryAfter)
		synctest.Wait()
		if n := r.Counts(); !n.IsFailing || n.Stored+n.Dropped != 0 {
			t.Errorf("while it fails: %+v", n)
		}
		f.err = nil
		time.Sleep(retryAfter)
		synctest.Wait()
		if n := r.Counts(); n.IsFailing || n.Stored != 1 || n.Dropped != 0 {
			t.Errorf("when it works again: %+v", n)
		}
		r.Close()
		if text := log.String(); strings.Count(text, "the disk is full") != 1 || !strings.Contains(text, "evidence is stored again") {
			t.Error(text)
		}
	})
}

// TestASlowDisk: Take does not wait for it. What was taken while the disk did not answer is stored
// in one transaction once it does, and what was too much is dropped. The end of a job waits for the
// disk, for some time.
func TestASlowDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{answers: make(chan struct{})}
		r, log := recorderOf(f)
		r.Take(&evidence.Span{})
		synctest.Wait() // the first one is being stored
		begun := time.Now()
		for range mostTaken + 10 {
			r.Take(&evidence.Span{})
		}
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("Take waited for %v", waited)
		}
		f.answers <- struct{}{}
		f.answers <- struct{}{}
		synctest.Wait()
		if n := r.Counts(); n.Stored != 1+mostTaken || n.Dropped != 10 || n.IsFailing || len(f.appended) != 2 {
			t.Errorf("%+v in %v", n, f.appended)
		}
		r.Take(&evidence.Span{})
		synctest.Wait()
		begun = time.Now()
		r.Close()
		if waited := time.Since(begun); waited != closeWithin || !strings.Contains(log.String(), "the evidence store is slow") {
			t.Errorf("Close waited for %v: %s", waited, log.String())
		}
		close(f.answers)
	})
}
