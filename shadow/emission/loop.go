package emission

import (
	"context"
	"time"

	"parallax/shadow/evidence"
)

// run is the goroutine of a verified stage.
func (e *Emitter) run(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		act, until, isOver := e.next(time.Now())
		switch {
		case isOver:
			return
		case act != nil:
			if err := act(ctx); err != nil {
				e.fail(err)
				return
			}
			continue
		case until.IsZero():
			timer.Stop()
		default:
			timer.Reset(time.Until(until))
		}
		select {
		case <-e.wake:
		case <-timer.C:
		}
	}
}

// next returns what is to be done now. Where that is nothing, it returns until when, the zero
// time for as long as nothing happens, or that the goroutine is to end.
func (e *Emitter) next(now time.Time) (act func(context.Context) error, until time.Time, isOver bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	due, isOpen := e.Due()
	switch {
	case e.isAborting:
		e.isRunning = false
		return nil, until, true
	case len(e.changes) > 0:
		p := e.changes[0]
		return func(ctx context.Context) error { return e.recordNext(ctx, p) }, until, false
	case e.open.isDue(now):
		return e.commitAll, until, false
	case len(e.held) > 0:
		isTime, at := e.isToBeEmitted(e.held[0], now)
		if isTime {
			return e.emitFirst, until, false
		}
		if isOpen && due.Before(at) {
			at = due
		}
		return nil, at, false
	case isOpen && (e.isDraining || e.isStopping):
		return e.commitAll, until, false
	case e.isStopping:
		e.isRunning = false
		return nil, until, true
	case isOpen:
		return nil, due, false
	}
	return nil, until, false
}

// isToBeEmitted reports whether the oldest parcel is to be emitted now; if not, it returns until
// when it waits. Called with mu held.
func (e *Emitter) isToBeEmitted(p *Parcel, now time.Time) (is bool, until time.Time) {
	until = p.Done.Add(e.opt.Wait)
	switch {
	case p.latches < e.latches, p.isJudged:
		return true, until
	case e.hasFallenBack && e.isBehind(now):
		return true, until
	}
	return !now.Before(until), until
}

// isBehind reports whether the comparison is so far behind that a batch would not be compared in
// time: then it is not held up. Called with mu held.
func (e *Emitter) isBehind(now time.Time) bool {
	oldest := e.unjudged[0]
	return oldest.IsEmitted() && now.Sub(oldest.Done) >= e.opt.Wait/2
}

// emitFirst emits the oldest parcel.
func (e *Emitter) emitFirst(ctx context.Context) error {
	now := time.Now()
	e.mu.Lock()
	p := e.held[0]
	rows, ofV2, begun := p.Rows, int64(0), false
	switch {
	case p.latches < e.latches: // as V1 made it
	case p.isJudged:
		rows, ofV2 = p.rows, p.ofV2
		e.hasFallenBack = e.hasFallenBack && now.Sub(p.Done) >= e.opt.Wait
	default:
		begun = !e.hasFallenBack
		if e.hasFallenBack = true; begun {
			e.noteEpisode(now)
		}
	}
	e.mu.Unlock()
	if begun {
		e.opt.FellBack()
	}
	if err := e.open.emit(ctx, p.Batch, rows, p.Dead); err != nil {
		return err
	}
	waited := max(0, now.Sub(p.Done))
	e.mu.Lock()
	e.held = e.held[1:]
	e.bytes -= p.Bytes
	e.waits.Add(float64(waited))
	e.status.Emission.RowsOfV2 += ofV2
	for _, sum := range []*evidence.Emission{&e.total, &e.part} {
		sum.Waits.Add(float64(waited))
		sum.RowsOfV2 += ofV2
	}
	e.changed.Broadcast()
	e.mu.Unlock()
	p.isEmitted.Store(true)
	e.opt.Waited(waited, ofV2)
	e.opt.Emitted()
	return nil
}

// mostEpisodes is how many beginnings of episodes are kept.
const mostEpisodes = 100

// noteEpisode notes that V2 did not finish in time. Called with mu held.
func (e *Emitter) noteEpisode(now time.Time) {
	e.status.Emission.Fallbacks++
	e.total.Fallbacks++
	e.part.Fallbacks++
	if e.episodes = append(e.episodes, now); len(e.episodes) > mostEpisodes {
		e.episodes = e.episodes[1:]
	}
}

// commitAll is Commit, on the goroutine.
func (e *Emitter) commitAll(ctx context.Context) error {
	if err := e.Commit(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.isClean = len(e.held) == 0 && len(e.changes) == 0
	e.changed.Broadcast()
	return nil
}

// fail ends the goroutine with an error.
func (e *Emitter) fail(err error) {
	e.mu.Lock()
	e.err, e.isRunning = err, false
	waiting := append(e.open.recorded, e.changes...)
	e.changes = nil
	e.changed.Broadcast()
	e.mu.Unlock()
	for _, p := range waiting {
		p.answer(err)
	}
	e.opt.Failed()
}
