package cluster

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestABrokerThatCannotBeReachedIsLoggedAndItsReturn(t *testing.T) {
	var log bytes.Buffer
	r := newReachability(slog.New(slog.NewTextHandler(&log, nil)))
	refused := errors.New("connection refused")
	at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
	lines := func() []string {
		defer log.Reset()
		return strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
	}
	r.note(at(0), "a:1", refused)
	if got := lines(); got[0] != "" {
		t.Errorf("before any broker was reached: %q; the job ends with that error", got)
	}
	r.note(at(1), "a:1", nil)
	for i := range 40 { // it tries again each second
		r.note(at(10+i), "a:1", refused)
	}
	got := lines()
	if len(got) != 2 || !strings.Contains(got[0], "broker=a:1") || !strings.Contains(got[0], "connection refused") || !strings.Contains(got[1], "for=30s") {
		t.Errorf("40 s without a broker:\n%s", strings.Join(got, "\n"))
	}
	r.note(at(50), "b:2", nil)
	if got := lines(); got[0] != "" {
		t.Errorf("another broker that is there: %q", got)
	}
	r.note(at(55), "a:1", nil)
	r.note(at(56), "a:1", nil)
	if got := lines(); len(got) != 1 || !strings.Contains(got[0], "reached again") || !strings.Contains(got[0], "after=45s") {
		t.Errorf("once it is back:\n%s", strings.Join(got, "\n"))
	}
}

func TestAJobIsNotReadyWhileNoBrokerIsReached(t *testing.T) {
	r := newReachability(slog.New(slog.DiscardHandler))
	now := time.Unix(1_700_000_000, 0)
	away := errors.New("connection refused")
	for i, c := range []struct {
		broker string
		err    error
		ready  bool
	}{
		{"a:1", nil, true},
		{"b:1", away, true}, // the other one is there
		{"a:1", away, false},
		{"b:1", nil, true},
		{"b:1", away, false},
		{"a:1", nil, true},
	} {
		r.note(now, c.broker, c.err)
		err := r.check()
		if (err == nil) != c.ready || err != nil && !strings.Contains(err.Error(), "no broker can be reached (a:1, b:1) since 2023-11-14T22:13:20Z") {
			t.Errorf("after step %d: %v, want ready %v", i, err, c.ready)
		}
	}
}
