package exec

import (
	"iter"

	"parallax/processors/exec/aggregate"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
	"parallax/processors/window"
)

// hopping groups records by key and by each of the windows that they are in.
type hopping struct {
	intake intake
	// words are the key's, open the groups of the record that acts: scratch.
	words []uint64
	open  []openWindow
}

// openWindow is a record's group in one of its windows.
type openWindow struct {
	window *state.Window
	key    state.Key
	aggregate.Group
	retracted bool
}

func newHopping(q *plan.Query, opt Options) (*hopping, error) {
	n, err := newIntake(q, opt)
	return &hopping{intake: n, words: make([]uint64, row.KeyWords*len(n.parts))}, err
}

func (h *hopping) begin(b *row.Batch, out *Result) { h.intake.begin(b, out) }
func (h *hopping) keys() int64                     { return h.intake.keys() }
func (h *hopping) nextClose() int64                { return h.intake.nextClose() }
func (h *hopping) snapshot() []state.Entry         { return h.intake.snapshot() }
func (h *hopping) freeze() iter.Seq[state.Entry]   { return h.intake.freeze() }
func (h *hopping) restore(entries []state.Entry)   { h.intake.restore(entries) }
func (h *hopping) advance(i int, position, watermark int64) {
	h.intake.advance(i, position, watermark)
}

// act takes a record into its group in each window that is still open.
func (h *hopping) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	n := &h.intake
	if d, ok := n.admits(i); !ok {
		return d
	}
	w, r := n.window, n.input.Record
	first, last := window.Hopping(r.EventTime, w.Size, w.Advance)
	if first > last {
		return row.Late
	}
	// The last start of a window that has closed.
	if closed := row.AddTime(r.Watermark, -row.AddTime(w.Size, w.Grace)); closed >= first {
		windows := (min(closed, last)-first)/w.Advance + 1
		n.tooLate(i, windows)
		if windows > (last-first)/w.Advance {
			return row.Late
		}
		first += windows * w.Advance
	}
	if err := n.evaluate(); err != nil {
		return n.out.refuse(i, err)
	}
	h.find(first, last, hash, hashed)
	if n.final {
		return row.StateOnly
	}
	return h.emit(place{position, 1, int32(i)})
}

// find takes the record into its groups in the windows that start at first, and an
// advance apart up to last.
func (h *hopping) find(first, last int64, hash uint64, hashed bool) {
	n := &h.intake
	row.Words(h.words, n.tuple)
	if !hashed {
		hash = row.HashWords(h.words)
	}
	key, known := n.store.Find(hash, h.words, n.tuple)
	if !known {
		key = n.store.Add(hash, h.words, n.tuple)
	}
	h.open = h.open[:0]
	for _, in := range n.store.GroupsOf(key, n.store.Windows(first, last, n.window.Advance, n.window.Size)) {
		o := openWindow{window: in.Window, key: key, Group: n.state(in.Group)}
		if in.Made {
			begin(&o.Group, n.input.Record)
		}
		n.take(&o.Group)
		h.open = append(h.open, o)
	}
}

// emit emits what the record changed: retractions before rows, each by window.
func (h *hopping) emit(at place) row.Disposition {
	n := &h.intake
	d := row.StateOnly
	tuple := n.store.Tuple(h.open[0].key)
	for i := range h.open {
		o := &h.open[i]
		if !isShown(&o.Group) {
			continue
		}
		d = row.Output
		if o.retracted = !n.output.wouldPassHaving(tuple, o.window, &o.Group); o.retracted {
			n.emit(o.window, o.key, &o.Group, at)
		}
	}
	for i := range h.open {
		o := &h.open[i]
		switch {
		case n.windowScope:
			n.emitWindow(o.window, o.key, o.retracted, at)
		case !o.retracted:
			n.emit(o.window, o.key, &o.Group, at)
		}
		if isShown(&o.Group) {
			d = row.Output
		}
	}
	return d
}
