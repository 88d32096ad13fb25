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
// is called on a goroutine of its own, for one answer at a time, and whoever asks gets its
// last answer if it owes one for longer than answerWithin. The zero value has no processor
// to ask, and the zero answer.
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
	for _, isOfNow := range []bool{q.owed == nil, true} {
		owed := q.putLocked()
		if owed == nil || owed.overdue {
			return q.last
		}
		q.mu.Unlock()
		isGiven := true
		select {
		case <-owed.given:
		case <-timeout.C:
			isGiven = false
		}
		q.mu.Lock()
		owed.overdue = !isGiven
		if isOfNow || !isGiven {
			break
		}
	}
	return q.last
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
	answered := make(chan given, 1)
	var g given
	guard.Go(func() error {
		g.answer = put()
		g.ok = true
		return nil
	}, func(error) { answered <- g })
	timeout := time.NewTimer(answerWithin)
	defer timeout.Stop()
	select {
	case g := <-answered:
		return g.answer, g.ok
	case <-timeout.C:
		return answer, false
	}
}
