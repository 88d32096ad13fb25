package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"parallax/diff"
	"parallax/processors/row"
)

// Explanation is what is known of a divergence.
type Explanation struct {
	Job string `json:"job"`
	// Read is how many records were replayed.
	Read int `json:"read"`
	// Shown: a replay shows the divergence. If not, Why says what may differ, and Others are
	// the divergences that a replay shows instead.
	Shown  bool             `json:"shown"`
	Why    []string         `json:"why,omitempty"`
	Others []diff.Signature `json:"others,omitempty"`
	// Asked is the id that was asked for, "" for none; Signature is that of the smallest
	// input.
	Asked     string         `json:"asked,omitempty"`
	Signature diff.Signature `json:"signature"`
	// V2, Batch and Restarts say how it is replayed: Batch records in a batch, 0 for all.
	V2       string `json:"v2"`
	Strategy string `json:"strategy,omitempty"`
	Batch    int    `json:"batch"`
	Restarts bool   `json:"restarts"`
	// Records is the size of the smallest input, Tries the number of replays that found it.
	// Exhausted: the tries ended before none could be left out any more.
	Records   int  `json:"records"`
	Tries     int  `json:"tries"`
	Exhausted bool `json:"exhausted"`
	// Stage is nil if the rows of no stage differ on their own.
	Stage *Stage `json:"stage"`
	// Matrix, Conclusion and More say when it shows.
	Matrix     []Cell   `json:"matrix"`
	Conclusion string   `json:"conclusion"`
	More       []string `json:"more,omitempty"`
	// Wrong is who differs from the oracle: v1, v2, both or neither. Opinion says it in a
	// sentence.
	Wrong   string `json:"wrong"`
	Opinion string `json:"opinion"`
	// Rows are the first rows that differ.
	Rows []Difference `json:"rows"`

	way     Way
	records []row.Record
	// files are the rows of the sides and of the oracle, as lines.
	v1, v2, expected []byte
}

// Options say how a divergence is explained.
type Options struct {
	Target   Target
	Progress func(Progress)
	// limits are those of the reduction; zero for the default.
	limits limits
}

// explainer explains one divergence.
type explainer struct {
	subject *Subject
	target  Target
	opt     Options
}

// Explain replays records, in the order of the input, and explains the divergence.
func Explain(ctx context.Context, s *Subject, records []row.Record, opt Options) (*Explanation, error) {
	if len(records) == 0 {
		return nil, errors.New("there are no records to replay")
	}
	e := &explainer{subject: s, target: opt.Target, opt: opt}
	x := &Explanation{Job: s.Job, Read: len(records), Asked: opt.Target.ID, V2: s.V2.String(), Strategy: string(s.V2.Strategy)}
	records, err := e.find(ctx, x, records)
	if err != nil || records == nil {
		return x, err
	}
	if err := e.reduce(ctx, x, e.until(ctx, x, records)); err != nil {
		return nil, err
	}
	if err := e.redact(ctx, x); err != nil {
		return nil, err
	}
	if e.isHung(x) { // each replay takes as long as V2's deadline
		x.Conclusion = "V2 does not finish: the input is not reduced, and other ways are not tried, because each would take V2's deadline."
		return x, e.judge(ctx, x)
	}
	if x.Stage, err = e.firstStage(ctx, x.records, x.way); err != nil {
		return nil, err
	}
	m := matrix{explainer: e, records: x.records, all: records, base: x.way}
	if err := m.fill(ctx); err != nil {
		return nil, err
	}
	x.Matrix = m.cells
	conclusion, more, err := m.conclude(ctx)
	if err != nil {
		return nil, err
	}
	x.Conclusion, x.More = conclusion, append(x.More, more...)
	return x, e.judge(ctx, x)
}

// firstTry is the number of records that are replayed first, each further try has growth
// times as many: most divergences show soon, and a short input is reduced faster.
const (
	firstTry = 250
	growth   = 6
)

// restartsMost is about how many times V2 is restarted over a long input.
const restartsMost = 8

// ways are how n records are replayed, in the order in which they are tried: those that allow
// the smallest inputs first.
func (e *explainer) ways(n int) []Way {
	ways := []Way{{}, {Cut: Cut{Every: 1}}, {Cut: Cut{Every: e.subject.Batch}}, {Cut: Cut{Every: max(1, n/restartsMost)}, Restarts: true}}
	for i := range ways {
		ways[i].V2 = e.subject.V2
		ways[i].V2.Partitions = e.subject.V2.Count()
	}
	return ways
}

// find finds the first records, and a way to replay them, that show the target, which is then
// known better. It returns nil if none do.
func (e *explainer) find(ctx context.Context, x *Explanation, records []row.Record) ([]row.Record, error) {
	for n := firstTry; ; n *= growth {
		n = min(n, len(records))
		e.report("looking for the divergence", records[:n])
		var results []diff.Result
		ways := e.ways(n)
		for _, way := range ways {
			r, err := e.subject.replay(ctx, records[:n], way)
			if err != nil {
				return nil, err
			}
			if s, found := e.target.find(r); found {
				e.take(x, s, way)
				return records[:n], nil
			}
			results = append(results, r)
		}
		if n < len(records) {
			continue
		}
		for i, r := range results { // next best
			if s, found := e.target.findSimilar(r); found {
				e.take(x, s, ways[i])
				return records, nil
			}
		}
		x.Others = distinct(results)
		for i := range x.Others { // their rows are not asked for, and may have values that are redacted
			x.Others[i].Example, x.Others[i].Latest, x.Others[i].Largest = diff.Example{}, nil, nil
		}
		x.Why = whyNotShown(x.Others)
		return nil, nil
	}
}

// distinct returns the signatures of results, each once.
func distinct(results []diff.Result) (list []diff.Signature) {
	ids := map[string]bool{}
	for _, r := range results {
		for _, s := range r.Signatures {
			if !ids[s.ID] {
				ids[s.ID] = true
				list = append(list, s)
			}
		}
	}
	return list
}

// take makes what a replay shows the target.
func (e *explainer) take(x *Explanation, s diff.Signature, way Way) {
	e.target = TargetOf(s)
	x.Shown, x.Signature, x.way = true, s, way
}

// whyNotShown says what may differ between a replay and the run.
func whyNotShown(others []diff.Signature) []string {
	why := []string{
		"state from before: a replay begins with empty state at its first record, and the run may have had state from earlier records",
		"timing: a replay gives V2 one batch after the other, and the run several at once, beside other work",
		"order: a replay orders the records by event time alone, and in the run a topic-partition may have been idle or late",
		"restarts: the run may have restarted, or V2 may have been replaced, between the records",
	}
	if len(others) > 0 {
		why = append(why, "the id: the replay does show other divergences, listed below")
	}
	return why
}

// until drops the records after the divergence's cause if what is left shows it.
func (e *explainer) until(ctx context.Context, x *Explanation, records []row.Record) []row.Record {
	for _, cause := range x.Signature.Example.Causes {
		i := slices.IndexFunc(records, func(r row.Record) bool {
			return r.Topic == cause.Topic && r.Partition == cause.Partition && r.Offset == cause.Offset
		})
		if i < 0 {
			continue
		}
		if r, err := e.subject.replay(ctx, records[:i+1], x.way); err == nil && e.target.isShownBy(r) {
			return records[:i+1]
		}
	}
	return records
}

// sureReplays is how many replays must show the target, all of them, where V2 does not do the
// same each time.
const sureReplays = 3

// reduce finds the smallest input that shows the target.
func (e *explainer) reduce(ctx context.Context, x *Explanation, records []row.Record) error {
	smallest := records
	if !e.isHung(x) { // else each try would take as long as V2's deadline
		smallest = e.reduceBy(ctx, x, records, 1)
		if !e.isShown(ctx, smallest, x.way, sureReplays) && e.isShown(ctx, records, x.way, sureReplays) {
			smallest = e.reduceBy(ctx, x, records, sureReplays) // V2 has a race, and luck reduced the input
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	x.records, x.Records = smallest, len(smallest)
	if len(smallest) <= 1000 && x.way.Cut.Every > 1 {
		x.way.Cut = Cut{}
	}
	x.Batch, x.Restarts = x.way.Cut.Every, x.way.Restarts
	return nil
}

// reduceBy reduces records to the fewest of which a number of replays all show the target.
func (e *explainer) reduceBy(ctx context.Context, x *Explanation, records []row.Record, replays int) []row.Record {
	l := e.opt.limits
	if l == (limits{}) {
		l = defaultLimits
	}
	r := newReducer(ctx, e.subject.Plan, l, e.opt.Progress, func(records []row.Record) bool {
		return e.isShown(ctx, records, x.way, replays)
	})
	smallest := r.reduce(records)
	x.Tries += r.tries
	x.Exhausted = r.exhausted
	return smallest
}

// isShown reports whether each of a number of replays shows the target.
func (e *explainer) isShown(ctx context.Context, records []row.Record, way Way, replays int) bool {
	for range replays {
		r, err := e.subject.replay(ctx, records, way)
		if err != nil || !e.target.isShownBy(r) {
			return false
		}
	}
	return true
}

// redact replaces values of the smallest input. What the replay of the real values showed is
// dropped: the rows are those of the redacted input.
func (e *explainer) redact(ctx context.Context, x *Explanation) error {
	r := e.subject.Redaction
	if r == nil {
		return nil
	}
	x.records = redactor{r}.records(e.subject.Plan, x.records)
	hung := e.isHung(x)
	x.Signature.Example, x.Signature.Latest, x.Signature.Largest = diff.Example{}, nil, nil
	if hung {
		x.Signature.Example.Error = e.subject.hungError().Error()
		return nil
	}
	if !e.isShown(ctx, x.records, x.way, 1) {
		x.More = append(x.More, "With the redacted values the divergence does not show: it depends on the values themselves.")
	}
	return ctx.Err()
}

// isHung reports whether the divergence is a V2 that did not finish.
func (e *explainer) isHung(x *Explanation) bool {
	return x.Signature.Example.Error == e.subject.hungError().Error()
}

// hungError is that of a V2 that did not finish a batch.
func (s *Subject) hungError() error {
	return fmt.Errorf("V2 did not finish a batch within %v", s.deadline())
}

// report says what is being done.
func (e *explainer) report(step string, records []row.Record) {
	if e.opt.Progress != nil {
		e.opt.Progress(Progress{Step: step, Records: len(records)})
	}
}
