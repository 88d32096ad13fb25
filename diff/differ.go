package diff

import (
	"maps"
	"slices"

	"parallax/processors/row"
)

// Options of a Differ. The zero value requires E1.
type Options struct {
	// Require is the level below which a difference is a divergence. Which levels hold is
	// determined independently of it.
	Require Level
	// Rules tolerate differences.
	Rules []Rule
	// PartitionOf returns the partition of V2 to which V2's router sends a row of V1, or -1
	// if that is unknown; nil stands for always unknown. It is not called after V2 was
	// rescaled.
	PartitionOf func(b *row.Batch, c *row.Change) int32
	// Units takes the keys and units that are compared, for evidence that adds up over runs;
	// nil for none.
	Units Units
	// Redaction says which values examples must not show; nil for none.
	Redaction Redaction
}

// Differ compares two paths batch by batch. The end of a batch is a frontier: both paths
// have then processed the same input. A Differ is deterministic, and not safe for
// concurrent use.
//
// For each identity it keeps the last row of each side until the identity's window can
// change no more, and it keeps a bounded number of examples. Counting is never sampled.
type Differ struct {
	sinks []*row.Sink
	opt   Options
	// highest is the highest level that can be shown.
	highest Level
	queries []*queryState
	ids     *identities
	found   findings
	// tolerance has the differences that rules have hidden.
	tolerance tolerance
	// byColumn counts the values that differ, by column.
	byColumn columns
	// mixed: rows of different outputs were in another order relative to each other, or V2
	// had rows of an output that the job does not have.
	mixed bool
	part  wholePart
	batch *row.Batch // being compared
	// watermark is the watermark after the previous batch; dispositions are the batch's, by side.
	watermark    int64
	dispositions [2][]row.Disposition
	// closed are the windows of which V2 has rows in the batch that is compared closely.
	closed map[closing]bool
	// emitting are the partitions that V2 has had rows from, by the number of the last
	// comparison in which it had.
	emitting map[int32]uint64
	// alone are the rows of one query and batch that only one side has.
	alone   []divergence
	scratch scratch
	// comparison is the number of the current comparison; a batch that is compared closely
	// takes a second number. touched are the identities of the rows of this comparison.
	comparison uint64
	touched    []*identity
	// rowsOfV2 are V2's rows of the batch. valuesAt counts them by the address of their
	// values; it is nil until it is needed.
	rowsOfV2 []row.Change
	valuesAt map[*row.Value]int
	// last has the findings of the last comparison.
	last Found
	// strata counts V1's rows by stratum, inBatch those of the batch being compared.
	strata, inBatch strata
	// explained counts the mismatches of the batch that were explained with go-cmp.
	explained int
}

// queryState is the state of the comparison of one query's output.
type queryState struct {
	broken [E0 + 1]bool // levels that no longer hold
	rows   int64
	part   part
	// deletions is the number of rows that are deletions.
	deletions int64
	// surplus is the sum of the digests of V1's rows minus that of V2's, for an output that
	// is one sequence. It is 0 if both sides have the same rows, in any order.
	surplus uint64
}

// New returns a Differ for the sinks of a plan, by query.
func New(sinks []*row.Sink, opt Options) *Differ {
	if opt.Require == None {
		opt.Require = E1
	}
	d := &Differ{sinks: sinks, opt: opt, highest: E1, ids: newIdentities(sinks, opt.Units), found: newFindings(), watermark: row.NoWatermark, closed: map[closing]bool{}, emitting: map[int32]uint64{}}
	d.tolerance, d.byColumn = newTolerance(opt.Rules, sinks), newColumns(sinks)
	d.found.amount = d.amount
	for range sinks {
		d.queries = append(d.queries, &queryState{})
	}
	return d
}

// Compare compares the outcomes of one batch.
func (d *Differ) Compare(v1, v2 *row.Outcome) {
	d.batch, d.explained, d.ids.judged = v1.Batch, 0, true
	d.found.batch = v1.Batch.Seq
	d.dispositions = [2][]row.Disposition{v1.Dispositions, v2.Dispositions}
	before, visible, tolerated := d.found.total(), d.found.visible, d.tolerance.total()
	d.tolerance.seen(v1.Changes)
	d.inBatch = strata{late: v1.Late}
	follows := d.isUneventful(v1.Changes, v2.Changes)
	equal := follows
	if !follows {
		d.inBatch = strataOf(v1)
		equal = d.compareClosely(v1.Changes, d.tolerated(v1.Changes, d.ofKnownOutputs(v2.Changes)))
	}
	d.count(v1.Changes)
	if d.found.total() == before {
		d.compareDispositions(v1, v2)
	}
	d.compareRefusals(v1, v2)
	if follows && d.found.total() == before {
		d.compareCounts(v1, v2)
	}
	d.compareStrays(v2)
	d.found.show(d.example)
	d.last = Found{
		Equal:       equal && d.tolerance.total() == tolerated,
		Divergences: d.found.total() - before, Visible: d.found.visible - visible, Tombstones: d.inBatch.tombstones,
	}
	d.strata.add(d.inBatch)
	d.pass(v1.Batch)
}

// count counts V1's rows by query.
func (d *Differ) count(v1 []row.Change) {
	if len(d.queries) == 1 {
		d.queries[0].rows += int64(len(v1))
		d.queries[0].deletions += d.inBatch.tombstones
		return
	}
	for i := range v1 {
		d.queries[v1[i].Query].rows++
	}
	if d.inBatch.tombstones == 0 {
		return
	}
	for i := range v1 {
		if v1[i].Deleted() {
			d.queries[v1[i].Query].deletions++
		}
	}
}

// compareClosely compares a batch that isUneventful did not accept. It reports whether the
// rows are equal.
func (d *Differ) compareClosely(v1, v2 []row.Change) (equal bool) {
	if areEqual(v1, v2) {
		d.noteAgreement(v1, v2)
		return true
	}
	d.comparison++ // discards the marks that isUneventful left
	d.noteEmitting(v2)
	d.compareDiffering(v1, v2)
	return false
}

// areEqual reports whether both lists have equal rows in the same order.
func areEqual(a, b []row.Change) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !row.EqualRow(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

// noteAgreement notes rows that are equal on both sides. Only the partition that V2's row
// came from can still be wrong.
func (d *Differ) noteAgreement(v1, v2 []row.Change) {
	for i := range v1 {
		id := d.ids.of(V1, &v1[i])
		if id == nil {
			continue
		}
		last := lastOf(d.sinks[v1[i].Query], &v1[i])
		id.last[V1], id.last[V2] = last, last
		id.setApart(false)
		d.notePartition(id, &v2[i])
		id.tainted = id.tainted && id.misrouted
	}
}

// NotComparable takes V1's outcome of a batch that V2 did not process; a successor of V2
// starts with V1's state. The row that V1 showed last matters from E3 down, where V2 may
// repeat it. If a level above E3 is required, it matters only for the levels held below
// it once that level is broken: these may be reported too low after such a hole. As V2
// often pauses for want of a core, no time is spent on them.
func (d *Differ) NotComparable(v1 *row.Outcome) {
	d.ids.judged = false
	for i := range v1.Changes {
		if d.opt.Require > E3 {
			break
		}
		if id := d.ids.of(V1, &v1.Changes[i]); id != nil {
			id.last[V1] = lastOf(d.sinks[v1.Changes[i].Query], &v1.Changes[i])
		}
	}
	d.pass(v1.Batch)
}

// ArmError records that a side failed in a batch; partition is V2's, -1 for none.
func (d *Differ) ArmError(b *row.Batch, side Side, partition int, err error) {
	d.found.batch = b.Seq
	ex := Example{Batch: b.Seq, Error: firstLine(err.Error())}
	if b.Len() > 0 {
		r := b.Record(0)
		ex.Causes = []Cause{{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset}}
	}
	if partition >= 0 {
		ex.V2Partitions = []int32{int32(partition)}
	}
	d.found.add(divergence{class: ArmError, root: true, shape: side.String(), example: ex})
	d.found.show(d.example)
}

// compareDispositions compares what the sides did with each record, for a batch whose rows
// do not differ. Below E3 one path may leave out a row that the other has.
func (d *Differ) compareDispositions(v1, v2 *row.Outcome) {
	if slices.Equal(v1.Dispositions, v2.Dispositions) {
		return
	}
	for i, one := range v1.Dispositions {
		two := v2.Dispositions[i]
		if one == two || d.opt.Require < E3 && isDropped(one) == isDropped(two) {
			continue
		}
		class, guess := Extra, Hypothesis("")
		switch {
		case one == row.Late && !isDropped(two):
			class, guess = Late, LateAccepted
		case two == row.Late && !isDropped(one):
			class, guess = Missing, ClockAhead
		case isDropped(two) || two < one:
			class = Missing
		}
		r := v1.Batch.Record(i)
		d.found.add(divergence{class: class, root: true, shape: "disposition" + string(guess), sure: only(guess), example: Example{
			Batch: v1.Batch.Seq, Causes: []Cause{{r.Topic, r.Partition, r.Offset}},
			Columns: []ColumnDiff{{Name: "disposition", V1: one.String(), V2: two.String()}},
		}})
	}
}

func isDropped(d row.Disposition) bool {
	return d == row.Filtered || d == row.Late || d == row.DispositionNone
}

// notePartition notes which of V2's partitions a row came from. If rows of one identity come
// from two partitions, that is a divergence, reported once for the identity.
func (d *Differ) notePartition(id *identity, c *row.Change) {
	if d.sinks[c.Query].AnyPartition {
		return
	}
	if id.partition < 0 {
		id.partition = c.Partition
	}
	if id.partition == c.Partition || id.misrouted {
		return
	}
	id.misrouted = true
	ex := d.example(pair{sink: d.sinks[c.Query], two: c, cause: c})
	ex.V2Partitions = []int32{id.partition, c.Partition}
	d.found.add(beside(divergence{class: Routing, root: !id.tainted, topic: d.sinks[c.Query].Topic, example: ex}))
	id.tainted = true
}

// Counts returns the numbers of root and cascade divergences.
func (d *Differ) Counts() (roots, cascades int64) { return d.found.roots, d.found.cascades }

// Result has the findings of a comparison so far.
type Result struct {
	// LevelHeld is the strongest level that holds for every output topic, None if nothing
	// was compared for one of them. Outputs has the level of each. A different order of rows
	// between outputs breaks only E1 of LevelHeld.
	LevelHeld Level
	Outputs   []Output
	Divergences
	Signatures []Signature
	// Tolerated has the differences that each rule has tolerated, in the order of the rules. Levels held
	// ignore those rows.
	Tolerated []Tolerated
}

// Divergences counts what differs at the required level.
type Divergences struct {
	// Root and Cascade count divergences: a cascade is one of an identity in which an
	// earlier one has not healed.
	Root    int64           `json:"root"`
	Cascade int64           `json:"cascade"`
	ByClass map[Class]int64 `json:"by_class"`
	// Origin says where the roots are; nil where there are none.
	Origin *Origin `json:"origin,omitempty"`
}

// Roots returns the number of root divergences.
func (r Result) Roots() int64 { return r.Root }

// Result returns a copy of what has been found so far.
func (d *Differ) Result() Result {
	r := Result{
		Divergences: Divergences{Root: d.found.roots, Cascade: d.found.cascades, ByClass: maps.Clone(d.found.byClass)},
		Signatures:  d.found.list(), Tolerated: slices.Clone(d.tolerance.rules),
	}
	if d.found.roots > 0 {
		origin := d.found.origin
		origin.V2Partitions = slices.Sorted(slices.Values(origin.V2Partitions))
		r.Origin = &origin
	}
	for q := range d.sinks {
		r.Outputs = append(r.Outputs, d.output(q))
	}
	r.LevelHeld = d.LevelHeld()
	return r
}

// LevelHeld returns the LevelHeld of the Result.
func (d *Differ) LevelHeld() (held Level) {
	for q := range d.queries {
		if of := d.heldBy(q); q == 0 || of < held {
			held = of
		}
	}
	if d.mixed {
		held = min(held, E2)
	}
	return held
}

// LimitTo sets the highest level that can be shown, where a side does not provide what
// the higher levels compare.
func (d *Differ) LimitTo(highest Level) { d.highest = highest }

// heldBy returns the strongest level that holds for a query.
func (d *Differ) heldBy(q int) Level { return min(d.queries[q].held(d.ids.outputs[q]), d.highest) }

// held returns the strongest level that was not broken, None if no row was compared. keys
// are the output's keys, nil if the output is one sequence.
func (q *queryState) held(keys *keys) Level {
	if q.rows == 0 && !q.broken[E1] {
		return None
	}
	for l := E1; l >= E4; l-- {
		if !q.broken[l] {
			return l
		}
	}
	switch {
	case keys == nil && !q.broken[Zs]:
		return Zs
	case keys == nil && q.surplus == 0 && !q.broken[Ze]:
		return Ze
	case keys != nil && keys.ends.holdsE5() && !q.broken[E5]:
		return E5
	case keys != nil && keys.ends.holdsE6() && !q.broken[E6]:
		return E6
	}
	return None
}
