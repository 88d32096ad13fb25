package candidate

import (
	"sync"
	"time"

	"parallax/shadow/guard"
)

// answerWithin is how long a processor may take for an answer about itself, which takes it
// microseconds, before its last answer is taken instead.
const answerWithin = time.Second

// question is what a processor is asked about itself, again and again, by any goroutine. A
// processor may hang in its answer, panic, or end the goroutine that it is called on. So it
// is called on a goroutine of its own, for one answer at a time, and its last answer stands
// in for one that it owes for longer than answerWithin. The zero value has no processor to
// ask, and the zero answer.
type question[T any] struct {
	mu   sync.Mutex
	put  func() T // nil: there is no processor to ask
	last T
	// owed is the answer that the processor has not given yet; nil if it owes none.
	owed *owedAnswer
}

type owedAnswer struct {
	given   chan struct{} // closed when it was given
	overdue bool          // it was once waited for in vain
}

// begin says how the processor is asked from now on.
func (q *question[T]) begin(put func() T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.put = put
}

// end forgets the processor. Its last answer stays.
func (q *question[T]) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.put = nil
}

// handOver forgets the processor and its answers: another candidate asks it now.
func (q *question[T]) handOver() {
	q.mu.Lock()
	defer q.mu.Unlock()
	var none T
	q.put, q.last = nil, none
}

// latest returns the last answer and has the processor asked for the next one. It never
// waits.
func (q *question[T]) latest() T {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.putLocked()
	return q.last
}

// answer returns the processor's answer of now, or, where it does not come within
// answerWithin, the last one. It does not wait for an answer that was waited for in vain
// before.
func (q *question[T]) answer() T {
	timeout := time.NewTimer(answerWithin)
	defer timeout.Stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	// An answer that is owed already was asked for earlier, so it is not that of now.
	if q.owed == nil || q.await(q.owed, timeout.C) {
		q.await(q.putLocked(), timeout.C)
	}
	return q.last
}

// await waits for an answer; it reports false where none is owed, or not in time. Called
// with mu held, which it releases while it waits.
func (q *question[T]) await(owed *owedAnswer, timeout <-chan time.Time) (isGiven bool) {
	if owed == nil || owed.overdue {
		return false
	}
	q.mu.Unlock()
	select {
	case <-owed.given:
		isGiven = true
	case <-timeout:
	}
	q.mu.Lock()
	owed.overdue = !isGiven
	return isGiven
}

// putLocked asks the processor, unless it owes an answer already, and returns what it owes.
// Called with mu held.
func (q *question[T]) putLocked() *owedAnswer {
	if q.owed != nil || q.put == nil {
		return q.owed
	}
	owed, put := &owedAnswer{given: make(chan struct{})}, q.put
	q.owed = owed
	var answer T
	guard.Go(func() error {
		answer = put()
		return nil
	}, func(error) { // a failure is the zero answer
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.put != nil {
			q.last = answer
		}
		q.owed = nil
		close(owed.given)
	})
	return owed
}

// Ask asks a processor once, within the same bounds; false where it does not answer.
func Ask[T any](put func() T) (answer T, ok bool) {
	type given struct {
		answer T
		ok     bool
	}
	q := question[given]{put: func() given { return given{put(), true} }}
	g := q.answer() // the zero value if it fails or hangs
	return g.answer, g.ok
}
