package shadow

import (
	"cmp"
	"math"
	"slices"

	"parallax/processors/row"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
)

// hole is an evidence.Hole that may still grow.
type hole struct {
	candidate.Detachment
	until int64 // Seq of the first batch after it; stillOpen while there is none
	// over says that until is certain: the candidate did come.
	over bool
	evidence.Hole
}

const stillOpen = math.MaxInt64

// origin is where a candidate that replaced another one has its state from.
type origin uint8

const (
	// fromControl is the state of a candidate that was reseeded: nothing in it is wrong.
	fromControl origin = iota
	// fromCandidate is the state of a candidate that was rescaled: what was wrong in its
	// predecessor's state is wrong in it, too.
	fromCandidate
)

// newcomer is a candidate that replaced another one, from a batch on.
type newcomer struct {
	seq  int64
	from origin
}

// holes says for which batches there is no candidate. Batches are asked for in order.
// The comparer's mutex guards it.
type holes struct {
	list      []*hole
	newcomers []newcomer
}

// open begins a hole. Where one is open that begins no later, that goes on: a candidate
// that was to take over may go after the one that it came for. It reports whether
// one was begun.
func (h *holes) open(d candidate.Detachment) bool {
	for _, o := range h.list {
		if o.until == stillOpen && o.Detachment.From <= d.From {
			return false
		}
	}
	n := &hole{Detachment: d, until: stillOpen, Hole: evidence.Hole{
		From: evidence.BatchNumber(d.From), To: evidence.NoBatch, Shed: d.Kind == candidate.Overloaded, Offsets: []evidence.OffsetRange{},
	}}
	if d.Err != nil {
		n.Reason = guard.FirstLine(d.Err)
	}
	h.list = append(h.list, n)
	slices.SortStableFunc(h.list, func(a, b *hole) int { return cmp.Compare(a.Detachment.From, b.Detachment.From) })
	return true
}

// switchOff ends all holes before the batch of Seq seq, and begins one in which V2 is off.
func (h *holes) switchOff(seq int64) candidate.Detachment {
	for _, o := range h.list {
		if o.until == stillOpen {
			o.until, o.over = seq, true
		}
	}
	d := candidate.Detachment{Kind: candidate.SwitchedOff, From: seq}
	h.open(d)
	return d
}

// close ends all holes before the batch of Seq seq.
func (h *holes) close(seq int64) {
	for _, o := range h.list {
		if o.until == stillOpen {
			o.until = seq
		}
	}
	h.newcomers = append(h.newcomers, newcomer{seq, fromControl})
}

// addReason adds to the reason of the holes that are open.
func (h *holes) addReason(why string) {
	for _, o := range h.list {
		if o.until == stillOpen {
			o.Reason += "; " + why
		}
	}
}

// reopen takes back the close at seq.
func (h *holes) reopen(seq int64) {
	for _, o := range h.list {
		if o.until == seq {
			o.until = stillOpen
		}
	}
	h.newcomers = slices.DeleteFunc(h.newcomers, func(n newcomer) bool { return n == newcomer{seq, fromControl} })
}

// at returns the hole that a batch is in; nil for none.
func (h *holes) at(seq int64) *hole {
	var in *hole
	for _, o := range h.list {
		switch {
		case seq < o.Detachment.From || o.until <= seq:
		case o.Kind == candidate.SwitchedOff:
			return o // also where the V2 that was switched off failed while it finished
		case in == nil:
			in = o
		}
	}
	return in
}

// seal makes the last close certain.
func (h *holes) seal() {
	for _, o := range h.list {
		o.over = o.over || o.until != stillOpen
	}
}

// before takes out the holes that are over before a batch.
func (h *holes) before(seq int64) (past []*hole) {
	h.list = slices.DeleteFunc(h.list, func(o *hole) bool {
		if o.over && o.until <= seq {
			past = append(past, o)
			return true
		}
		return false
	})
	return past
}

// came takes out the V2s that came up to a batch.
func (h *holes) came(seq int64) (list []newcomer) {
	for len(h.newcomers) > 0 && h.newcomers[0].seq <= seq {
		list = append(list, h.newcomers[0])
		h.newcomers = h.newcomers[1:]
	}
	return list
}

// add counts a batch of which the candidate has no outcome.
func (h *hole) add(b *row.Batch, missed int64) {
	h.Records += missed
	h.Batches++
	at := -1 // where the record before is
	for i := range b.Len() {
		r := b.Record(i)
		if at >= 0 && h.Offsets[at].TopicPartition == r.TopicPartition {
			h.Offsets[at].From, h.Offsets[at].To = min(h.Offsets[at].From, r.Offset), max(h.Offsets[at].To, r.Offset)
			continue
		}
		var found bool
		at, found = slices.BinarySearchFunc(h.Offsets, r.TopicPartition, func(o evidence.OffsetRange, tp row.TopicPartition) int {
			return cmp.Or(cmp.Compare(o.Topic, tp.Topic), cmp.Compare(o.Partition, tp.Partition))
		})
		if !found {
			h.Offsets = slices.Insert(h.Offsets, at, evidence.OffsetRange{TopicPartition: r.TopicPartition, From: r.Offset, To: r.Offset})
		}
		o := &h.Offsets[at]
		o.From, o.To = min(o.From, r.Offset), max(o.To, r.Offset)
	}
}

// keptHoles is how many holes a report lists at most: the first half and the
// last half of them. All are counted.
const keptHoles = 100

// history has the holes of a run that have ended.
type history struct {
	past  []evidence.Hole
	count int64
}

func (h *history) add(o *hole) {
	if o.Kind == candidate.SwitchedOff || o.Batches == 0 {
		return
	}
	shown := o.Hole
	shown.Offsets = slices.Clone(o.Offsets) // the comparison goes on counting
	if o.until != stillOpen {
		shown.To = evidence.BatchNumber(o.until)
	}
	h.count++
	h.past = append(h.past, shown)
	if len(h.past) > keptHoles {
		h.past = slices.Delete(h.past, keptHoles/2, keptHoles/2+1)
	}
}

// newcomers tells the differ of V2s that take over at a batch that both paths
// finished.
func (c *comparer) newcomers(seq int64) {
	c.mu.Lock()
	came := c.holes.came(seq)
	c.mu.Unlock()
	for _, n := range came {
		c.differ.Succeeded(n.from == fromControl)
	}
}

// hasNewcomer reports whether a V2 takes over at a batch or took over before it, and the
// differ was not told yet.
func (c *comparer) hasNewcomer(seq int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.holes.newcomers) > 0 && c.holes.newcomers[0].seq <= seq
}
