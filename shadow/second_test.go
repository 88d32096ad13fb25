package shadow

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/emission"
	"parallax/shadow/evidence"
	"parallax/shadow/metrics"
	"parallax/shadow/opinion"
)

// stubborn finds the same in every batch: blind that it is equal, seeing a divergence.
type stubborn struct{ found diff.Found }

func (s stubborn) Compare(_, _ *row.Outcome) {}
func (s stubborn) Last() diff.Found          { return s.found }

var (
	blind  = stubborn{diff.Found{Equal: true}}
	seeing = stubborn{diff.Found{Divergences: 1, Visible: 1}}
)

func opinionJob() *Job {
	return &Job{
		Sinks: []*row.Sink{
			{Name: "A", Topic: "a", Key: []row.Column{{Name: "K", Type: row.Of(row.String)}}, Values: []row.Column{{Name: "K"}, {Name: "V"}}, FromKey: []int{0, -1}},
			{Name: "B", Topic: "b", KeyFormat: row.FormatNone, Values: []row.Column{{Name: "V"}}},
		},
		RequireLevel: diff.E1, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: metrics.New(),
	}
}

// outcomeOf is what a path makes of a batch of two records: rows of both outputs, and a
// dead letter.
func outcomeOf(b *row.Batch) *row.Outcome {
	change := func(query uint16, key []row.Value, values ...row.Value) row.Change {
		return row.Change{Query: query, Position: b.First, Phase: 1, Key: key, Values: values, Timestamp: 7}
	}
	key := []row.Value{row.NewString("ACME")}
	return &row.Outcome{
		Batch: b, Dispositions: []row.Disposition{row.Output, row.Failed}, DeadLetters: []row.DeadLetter{{Record: 1, Reason: "division by zero"}},
		Changes: []row.Change{change(0, key, key[0], row.NewDouble(0)), change(1, nil, row.NewInt(5)), change(0, key)},
	}
}

// compareOnce runs the comparer over n batches and returns the first failure of the tool.
func compareOnce(fast comparison, n int, spoil func(o *row.Outcome)) (evidence.SecondOpinions, error) {
	var l ledger
	var t tally
	job := opinionJob()
	c, err := newComparer(context.Background(), job, &l, &t, emission.New(emission.Options{}), func(*evidence.Span, bool) {})
	if err != nil {
		return evidence.SecondOpinions{}, err
	}
	c.mu.Lock()
	if fast != nil {
		c.fast = fast
	}
	c.mu.Unlock()
	for seq := range int64(n) {
		b := row.NewBatch(seq, 2*seq, make([]row.Record, 2), nil)
		v1, v2 := outcomeOf(b), outcomeOf(b)
		if spoil != nil {
			spoil(v2)
		}
		c.takeCandidate(finished{outcome: v2})
		c.takeControl(finished{outcome: v1})
	}
	c.close()
	return c.second.Count(), c.broken
}

// A comparison that sees nothing would let everything pass.
func TestABlindComparisonIsAnErrorOfTheTool(t *testing.T) {
	for name, spoil := range map[string]func(o *row.Outcome){
		"a value":         func(o *row.Outcome) { o.Changes[1].Values = []row.Value{row.NewInt(6)} },
		"a type":          func(o *row.Outcome) { o.Changes[1].Values = []row.Value{row.NewBigint(5)} },
		"a key":           func(o *row.Outcome) { o.Changes[0].Key = []row.Value{row.NewString("ACMF")} },
		"a key written":   func(o *row.Outcome) { writtenOver(&o.Changes[0]) },
		"a column more":   func(o *row.Outcome) { o.Changes[1].Values = append(o.Changes[1].Values, row.Value{}) },
		"a deletion":      func(o *row.Outcome) { o.Changes[2].Values = []row.Value{row.NewString("ACME"), {}} },
		"a timestamp":     func(o *row.Outcome) { o.Changes[0].Timestamp++ },
		"a window":        func(o *row.Outcome) { o.Changes[0].WindowEnd++ },
		"an output":       func(o *row.Outcome) { o.Changes[1].Query = 0 },
		"the order":       func(o *row.Outcome) { o.Changes[0], o.Changes[1] = o.Changes[1], o.Changes[0] },
		"a row less":      func(o *row.Outcome) { o.Changes = o.Changes[:2] },
		"a row more":      func(o *row.Outcome) { o.Changes = append(o.Changes, o.Changes[0]) },
		"no dead letter":  func(o *row.Outcome) { o.DeadLetters = nil },
		"another reason":  func(o *row.Outcome) { o.DeadLetters[0].Reason = "no" },
		"a disposition":   func(o *row.Outcome) { o.Dispositions[0] = row.StateOnly },
		"all of the rows": func(o *row.Outcome) { o.Changes = nil },
	} {
		n, err := compareOnce(blind, 1, spoil)
		if err == nil || !strings.Contains(err.Error(), "batch 0 (/0@0..0): the comparison found both sides equal, and they differ") || n.Equal != 1 {
			t.Errorf("%s: %v, %+v", name, err, n)
		}
	}
	_, err := compareOnce(blind, 1, func(o *row.Outcome) { o.Changes[0].Values[1] = row.NewDouble(1.5) })
	const want = `row 0: V1 has in a, window [0, 0), timestamp 7: key ["ACME"], value ["ACME" 0], V2 has in a, window [0, 0), timestamp 7: key ["ACME"], value ["ACME" 1.5]`
	if !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// writtenOver gives a row room for what an encoder writes of a key, with another key's
// bytes in it: whoever looked there would see the other key.
func writtenOver(c *row.Change) {
	c.Key = []row.Value{row.NewString("OTHER")}
	c.Written = &row.Written{Key: []byte(`"ACME"`), Value: []byte(`,"K":"ACME"`), Hash: 1}
}

func TestAComparisonThatFindsADifferenceWhereThereIsNoneIsAnErrorOfTheTool(t *testing.T) {
	n, err := compareOnce(seeing, 1, nil)
	if err == nil || !strings.Contains(err.Error(), "found 1 divergences, and both sides' records, dead letters and dispositions are the same") || n.Differing != 1 {
		t.Errorf("%v, %+v", err, n)
	}
	if n, err := compareOnce(seeing, 1, func(o *row.Outcome) { o.Changes = nil }); err != nil || n.Differing != 1 {
		t.Errorf("%v, %+v", err, n)
	}
}

// What the comparison takes for equal, or for different without showing it in rows.
func TestTheSecondOpinionAgreesWithARightComparison(t *testing.T) {
	for name, spoil := range map[string]func(o *row.Outcome){
		"the same":               nil,
		"a zero with a sign":     func(o *row.Outcome) { o.Changes[0].Values = []row.Value{row.NewString("ACME"), negativeZero()} },
		"a key kept elsewhere":   func(o *row.Outcome) { o.Changes[0].Written = &row.Written{} },
		"another partition":      func(o *row.Outcome) { o.Changes[0].Partition = int32(o.Batch.Seq) },
		"merge dropped a row":    func(o *row.Outcome) { o.Deduplicated = 1 },
		"merge moved a row":      func(o *row.Outcome) { o.Reordered = 1 },
		"an expression error":    func(o *row.Outcome) { o.ExpressionErrors = 1 },
		"a value":                func(o *row.Outcome) { o.Changes[1].Values = []row.Value{row.NewInt(6)} },
		"a type":                 func(o *row.Outcome) { o.Changes[1].Values = []row.Value{row.NewBigint(5)} },
		"a column more":          func(o *row.Outcome) { o.Changes[1].Values = append(o.Changes[1].Values, row.Value{}) },
		"a window's end":         func(o *row.Outcome) { o.Changes[0].WindowEnd++ },
		"the order":              func(o *row.Outcome) { o.Changes[0], o.Changes[1] = o.Changes[1], o.Changes[0] },
		"a dead letter":          func(o *row.Outcome) { o.DeadLetters = nil },
		"a disposition":          func(o *row.Outcome) { o.Dispositions[0] = row.StateOnly },
		"routing and dead ones":  func(o *row.Outcome) { o.Changes[0].Partition, o.DeadLetters = int32(o.Batch.Seq), nil },
		"routing, a disposition": func(o *row.Outcome) { o.Changes[0].Partition, o.Dispositions[0] = int32(o.Batch.Seq), row.Filtered },
	} {
		if n, err := compareOnce(nil, 3, spoil); err != nil || n.Equal+n.Differing != 3 {
			t.Errorf("%s: %v, %+v", name, err, n)
		}
	}
}

func negativeZero() row.Value { return row.NewDouble(math.Copysign(0, -1)) }

// The first batches get one each; later it is one in a hundred.
func TestSecondOpinionsAreAFewOfTheBatches(t *testing.T) {
	n, _ := compareOnce(nil, 5000, nil)
	if n.Equal < opinion.EqualFirst+25 || n.Equal > opinion.EqualFirst+100 || n.Differing != 0 {
		t.Errorf("%+v of 5,000 equal batches", n)
	}
	n, _ = compareOnce(nil, 5000, func(o *row.Outcome) { o.Changes = nil })
	if n.Differing < opinion.DifferingFirst+25 || n.Differing > opinion.DifferingFirst+100 || n.Equal != 0 {
		t.Errorf("%+v of 5,000 batches that differ", n)
	}
}
