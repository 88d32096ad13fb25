package store

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parallax/shadow/evidence"
)

// Recorder stores the spans of a job on a goroutine of its own. Nothing waits for it: a span
// that it cannot store is kept for some time, then dropped, which is a hole in the evidence.
type Recorder struct {
	dir, job string
	// id is that of the spans that are taken. Is and Take use it.
	id evidence.RunIdentity
	// open opens the store.
	open func() (appender, error)
	log  *slog.Logger

	taken chan taken
	done  chan struct{}
	once  sync.Once

	stored, dropped atomic.Int64
	isFailing       atomic.Bool
	last            atomic.Int64 // ms
}

// taken is a span with what it is about.
type taken struct {
	id   evidence.RunIdentity
	span *evidence.Span
}

// appender stores spans. It is a Writer, but for tests.
type appender interface {
	Append(id evidence.RunIdentity, spans ...*evidence.Span) error
	Close() error
}

const (
	// mostTaken is how many spans wait for the goroutine, mostPending how many it keeps while
	// the store fails.
	mostTaken   = 64
	mostPending = 60
	// closeWithin is how long Close waits.
	closeWithin = 10 * time.Second
	// retryAfter is how long a span waits for another attempt if no span comes before.
	retryAfter = 10 * time.Second
)

// StartRecorder starts to record the spans of a run. The store is opened with the first span.
func StartRecorder(dir, job string, id evidence.RunIdentity, opt Options, log *slog.Logger) *Recorder {
	return startRecorder(dir, job, id, log, func() (appender, error) { return Open(dir, job, opt) })
}

func startRecorder(dir, job string, id evidence.RunIdentity, log *slog.Logger, open func() (appender, error)) *Recorder {
	r := &Recorder{dir: dir, job: job, id: id, open: open, log: log, taken: make(chan taken, mostTaken), done: make(chan struct{})}
	go r.run()
	return r
}

// Is says what the spans that are taken from now on are about: another run begins where that is
// another identity. It is called where Take is.
func (r *Recorder) Is(id evidence.RunIdentity) { r.id = id }

// Take takes a span, and drops it if too many wait. It never blocks.
func (r *Recorder) Take(s *evidence.Span) {
	select {
	case r.taken <- taken{r.id, s}:
	default:
		r.dropped.Add(1)
	}
}

// Close stores what was taken, for 10 s at most. There must be no Take after it.
func (r *Recorder) Close() {
	r.once.Do(func() { close(r.taken) })
	select {
	case <-r.done:
	case <-time.After(closeWithin):
		r.log.Warn("the evidence store is slow: the last evidence of the run may not be stored", "store", Path(r.dir, r.job))
	}
}

// Counts say how the recording goes.
type Counts struct {
	// Stored and Dropped are numbers of spans. IsFailing says that the last attempt to store failed.
	// Last is the time at which the last span was stored, zero before the first one.
	Stored, Dropped int64
	IsFailing       bool
	Last            time.Time
}

// Counts returns the counts so far. A nil Recorder has none.
func (r *Recorder) Counts() Counts {
	if r == nil {
		return Counts{}
	}
	c := Counts{Stored: r.stored.Load(), Dropped: r.dropped.Load(), IsFailing: r.isFailing.Load()}
	if at := r.last.Load(); at != 0 {
		c.Last = timeOf(at)
	}
	return c
}

// run stores spans, all that wait in one transaction. What could not be stored is tried again with
// the next span, and after some time: a job may have no input, and so no next span.
func (r *Recorder) run() {
	defer close(r.done)
	var w appender
	var pending []taken
	for isOpen := true; isOpen; {
		if pending, isOpen = r.next(pending); len(pending) > 0 {
			w, pending = r.store(w, pending)
		}
	}
	if w != nil {
		if err := w.Close(); err != nil {
			r.log.Warn("the evidence store was not closed properly", "error", err)
		}
	}
	r.dropped.Add(int64(len(pending)))
}

// next waits for a span, or until those that are pending are to be tried again, and adds all spans
// that were taken. isOpen is false if there will be no more.
func (r *Recorder) next(pending []taken) (list []taken, isOpen bool) {
	var again <-chan time.Time
	if len(pending) > 0 {
		timer := time.NewTimer(retryAfter)
		defer timer.Stop()
		again = timer.C
	}
	select {
	case s, ok := <-r.taken:
		if !ok {
			return pending, false
		}
		pending = append(pending, s)
	case <-again:
	}
	for {
		select {
		case s, ok := <-r.taken:
			if !ok {
				return pending, false
			}
			pending = append(pending, s)
		default:
			return pending, true
		}
	}
}

// store stores spans. It returns the writer, nil if it must be opened again, and the spans
// that are still to be stored.
func (r *Recorder) store(w appender, spans []taken) (appender, []taken) {
	err := error(nil)
	if w == nil {
		w, err = r.open()
	}
	if err == nil {
		if spans, err = r.appendTo(w, spans); err == nil {
			r.last.Store(time.Now().UnixMilli())
			if r.isFailing.Swap(false) {
				r.log.Info("evidence is stored again")
			}
			return w, nil
		}
		err = errors.Join(err, w.Close())
	}
	lost := max(0, len(spans)-mostPending)
	if !r.isFailing.Swap(true) {
		r.log.Warn("evidence is not stored: what is not stored is a hole in the evidence, and the gate cannot pass on it", "error", err, "spans waiting", len(spans)-lost)
	}
	r.dropped.Add(int64(lost))
	return nil, spans[lost:]
}

// appendTo stores spans, those of one identity together, and returns those that it did not store.
func (r *Recorder) appendTo(w appender, spans []taken) (left []taken, err error) {
	for len(spans) > 0 {
		id, list := spans[0].id, []*evidence.Span(nil)
		for _, t := range spans {
			if t.id != id {
				break
			}
			list = append(list, t.span)
		}
		if err := w.Append(id, list...); err != nil {
			return spans, err
		}
		r.stored.Add(int64(len(list)))
		spans = spans[len(list):]
	}
	return nil, nil
}
