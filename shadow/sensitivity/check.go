package sensitivity

import (
	"fmt"
	"runtime/debug"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
)

// Comparison is a comparison that has compared nothing yet.
type Comparison interface {
	Compare(v1, v2 *row.Outcome)
	Result() diff.Result
}

// Options describe the comparison that is checked.
type Options struct {
	Sinks []*row.Sink
	// Require is the level that a job requires, Rules are its rules: what they allow is no
	// mutation.
	Require diff.Level
	Rules   []diff.Rule
	// New returns a comparison with the same options, for one mutation.
	New func() Comparison
}

const (
	// RoundRows is after how many rows of V1 a round begins, in which each kind of mutation is
	// injected once if there is a row for it.
	RoundRows = 1_000_000
	// roundBatches is how many batches a round looks at for rows, and how many more that have
	// deletions or dead letters, which are rare.
	roundBatches = 8
)

// Check injects mutations into a comparison. Use it on the comparison's goroutine. It changes
// nothing that it is given.
type Check struct {
	opt   Options
	kinds []kind
	count []evidence.Mutation // by kind
	// left is how many rows of V1 come before the next round.
	left int64
	// open are the kinds that the round has not injected; batches and rareBatches is how many
	// batches it may still look at.
	open                 []int
	batches, rareBatches int
	rows                 rows
}

// New returns a Check.
func New(opt Options) *Check {
	if opt.Require == diff.None {
		opt.Require = diff.E1
	}
	c := &Check{opt: opt, kinds: kindsFor(opt)}
	for _, k := range c.kinds {
		c.count = append(c.count, evidence.Mutation{Name: k.name, Class: string(k.class)})
	}
	return c
}

// Count returns what was injected and detected so far, by kind. A kind without an injection had
// no row in the run, or the required level or a rule allows it.
func (c *Check) Count() evidence.Sensitivity {
	return evidence.Sensitivity{Mutations: append([]evidence.Mutation(nil), c.count...)}
}

// On takes a batch that was compared; found is what the comparison found. An error means a bug
// in Parallax other than a mutation that was missed, which Count reports.
func (c *Check) On(v1, v2 *row.Outcome, found diff.Found) (err error) {
	if c.left <= 0 {
		c.begin()
	}
	c.left -= int64(len(v1.Changes))
	if len(c.open) == 0 || found.Divergences > 0 {
		return nil
	}
	isRare := found.Tombstones > 0 && c.isOpen(needsTombstone) || len(v1.DeadLetters) > 0 && c.isOpen(needsDeadLetter)
	switch {
	case c.batches > 0:
		c.batches--
	case isRare && c.rareBatches > 0:
		c.rareBatches--
	default:
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("check the comparison with changed rows of %s: %w", v1.Batch.Describe(), &guard.PanicError{Value: p, Stack: debug.Stack()})
		}
	}()
	one := v1.Changes
	if !found.Equal { // V2 may differ in what the level allows, so it is compared with itself
		one = v2.Changes
	}
	c.round(v1, one, v2.Changes, found.Tombstones > 0)
	return nil
}

// begin begins a round.
func (c *Check) begin() {
	c.left += RoundRows
	c.batches, c.rareBatches = roundBatches, roundBatches
	c.open = c.open[:0]
	for i := range c.kinds {
		c.open = append(c.open, i)
	}
}

func (c *Check) isOpen(need need) bool {
	for _, i := range c.open {
		if c.kinds[i].need == need {
			return true
		}
	}
	return false
}

// round injects the open kinds for which the batch has rows.
func (c *Check) round(v1 *row.Outcome, one, two []row.Change, wantsTombstone bool) {
	c.rows.scan(v1.Batch.Seq, one, two, wantsTombstone)
	stillOpen := c.open[:0]
	for _, i := range c.open {
		m, ok := c.mutation(&c.kinds[i], v1)
		if !ok {
			stillOpen = append(stillOpen, i)
			continue
		}
		c.judge(i, m)
	}
	c.open = stillOpen
	c.rows.release()
}

// judge compares a mutation with a comparison of its own.
func (c *Check) judge(i int, m *mutation) {
	n := &c.count[i]
	n.Injected++
	fresh := c.opt.New()
	fresh.Compare(&m.v1, &m.v2)
	found := fresh.Result()
	if found.Root > 0 && len(found.ByClass) == 1 && found.ByClass[c.kinds[i].class] > 0 {
		n.Detected++
		return
	}
	if n.Missed == "" {
		n.Missed = fmt.Sprintf("%s, %s: expected %s, found %s", m.v1.Batch.Describe(), m.where(c.opt.Sinks), n.Class, classes(found))
	}
}

// Found returns how many mutations were detected and missed so far, of all kinds.
func (c *Check) Found() (detected, missed int64) {
	for i := range c.count {
		detected += c.count[i].Detected
		missed += c.count[i].Injected - c.count[i].Detected
	}
	return detected, missed
}
