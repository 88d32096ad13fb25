package evidence

import (
	"time"

	"parallax/diff"
	"parallax/processors/row"
)

// SpanVersion is the version of the span record. Within a version fields are only added.
const SpanVersion = 1

// Span is the evidence of a part of a run: of the records at the positions from From to that
// before To. It is what the store keeps; docs/span.schema.json describes its JSON. Spans of
// a run add up (see Merge) to what the run as a whole would have reported.
//
// A span is either compared as a whole or has nothing compared: it ends where V2 goes away or
// returns.
type Span struct {
	Version int    `json:"v"`
	Job     string `json:"job"`
	Task    string `json:"task"`
	Run     string `json:"run"`
	// Incarnation names the process that made the span: a run goes on over restarts.
	Incarnation string `json:"incarnation"`
	From        int64  `json:"from"`
	To          int64  `json:"to"`
	// Batches are the numbers of the first and the last batch.
	Batches [2]int64 `json:"batches"`
	// Merged is how many spans were merged into this one; 1 for a span as it was written.
	Merged  int     `json:"merged"`
	Program Program `json:"program"`
	// Offsets are the offsets of each topic-partition, from From to that before To.
	Offsets []Offsets `json:"offsets"`
	// EventTimes are the times of the records that were compared and were not late.
	EventTimes Times `json:"event_times"`
	// EventTime is from the smallest to the largest of them, in ms; nil for none.
	EventTime *[2]int64 `json:"event_time"`
	Lateness  int64     `json:"lateness"`
	// Wall is from the first batch of the span to its end.
	Wall  [2]time.Time `json:"wall"`
	Roles Roles        `json:"roles"`
	// Stage is the stage of the migration in which V1 made the rows: shadow, canary:P, promoted
	// or done.
	Stage string `json:"stage"`

	// Emission says how the rows of a verified stage went out; nil in other stages.
	Emission *Emission `json:"emission,omitempty"`

	Ledger diff.Ledger `json:"ledger"`
	// Late and Uncounted are those of Report.
	Late      int64   `json:"late"`
	Uncounted int64   `json:"uncounted"`
	Outputs   Outputs `json:"outputs"`
	// Require is the level below which a difference is a divergence. Levels is the strongest
	// one that held, by output topic, of those of which rows were compared. Mixed: rows of
	// several outputs were in another order among each other, so that at most E2 holds for all.
	Require diff.Level            `json:"require"`
	Levels  map[string]diff.Level `json:"levels"`
	Mixed   bool                  `json:"mixed"`
	// Topics are the outputs in the order of the queries.
	Topics []Topic          `json:"topics"`
	Strata map[string]int64 `json:"strata"`

	Divergences []Divergence         `json:"divergences"`
	ByClass     map[diff.Class]int64 `json:"by_class"`
	// Origin says where the roots are; nil for none.
	Origin  *diff.Origin `json:"origin"`
	Columns []Column     `json:"columns"`
	// Rules are diff.rules, in their order.
	Rules     []RuleHits `json:"rules"`
	Mutations []Mutation `json:"mutations"`

	Speed Speed    `json:"throughput"`
	Tax   TaxPairs `json:"tax"`
	Lag   Lag      `json:"lag"`
	// V2 describes V2; nil if V2 is off.
	V2 *SpanV2 `json:"v2"`
	// Partitions is the work of V2's partitions for the records of the span.
	Partitions     []Work           `json:"partitions"`
	StateEqual     StateComparisons `json:"state_equal"`
	SecondOpinions SecondOpinions   `json:"second_opinions"`
	// Holes are why nothing was compared; empty if there was a V2, or if V2 is off.
	Holes []SpanHole `json:"holes"`
	// Fallback and Rollback are why the paths changed places before the span; "" for none.
	Fallback string `json:"fallback,omitempty"`
	Rollback string `json:"rollback,omitempty"`
	// Broken is a failure of the comparison itself, "" for none.
	Broken string `json:"broken,omitempty"`
	Input  Input  `json:"input"`
	// DetailGone says what was deleted to keep the store small; "" for nothing: "samples".
	DetailGone string `json:"detail_gone,omitempty"`
}

// Roles are the configuration strings of the two paths.
type Roles struct {
	Control   string `json:"control"`
	Candidate string `json:"candidate"`
}

// Offsets are offsets of a topic-partition, from From to that before To.
type Offsets struct {
	row.TopicPartition
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Topic is what was compared of an output topic.
type Topic struct {
	Topic string `json:"topic"`
	// Level is the strongest level that held, nil if nothing was compared.
	Level         *diff.Level `json:"level"`
	Unit          diff.Unit   `json:"unit"`
	Rows          int64       `json:"rows"`
	ToleratedRows int64       `json:"tolerated_rows"`
	Root          int64       `json:"root"`
	Cascade       int64       `json:"cascade"`
	ClosedWindows int64       `json:"closed_windows"`
	// NewUnits counts the units that were compared for the first time in their incarnation.
	NewUnits int64 `json:"new_units"`
	// Units are those units, Keys the keys of the compared rows.
	Units Keys `json:"units"`
	Keys  Keys `json:"keys"`
}

// Divergence counts the divergences of a signature.
type Divergence struct {
	Signature      string          `json:"signature"`
	Class          diff.Class      `json:"class"`
	Topic          string          `json:"topic,omitempty"`
	Columns        []string        `json:"columns"`
	Root           int64           `json:"root"`
	Cascade        int64           `json:"cascade"`
	Hypothesis     diff.Hypothesis `json:"hypothesis,omitempty"`
	HypothesisText string          `json:"hypothesis_text,omitempty"`
	Note           string          `json:"note,omitempty"`
	V2Partitions   []int32         `json:"v2_partitions,omitempty"`
	// Seen is when divergences of the signature were seen first and last.
	Seen    [2]time.Time `json:"seen"`
	Samples Samples      `json:"samples"`
}

// Samples are examples: the first one, the latest one, the one whose values are the furthest apart,
// and some of those between.
type Samples struct {
	First   *Sample  `json:"first,omitempty"`
	Latest  *Sample  `json:"latest,omitempty"`
	Largest *Sample  `json:"largest,omitempty"`
	Others  []Sample `json:"others,omitempty"`
}

// Each calls visit with each of the samples, the oldest first and the largest where no other one is
// the same.
func (s *Samples) Each(visit func(*Sample)) {
	isLargest := func(o *Sample) bool { return o != nil && s.Largest != nil && o.isSame(s.Largest) }
	isThere := isLargest(s.First) || isLargest(s.Latest)
	if s.First != nil {
		visit(s.First)
	}
	for i := range s.Others {
		isThere = isThere || isLargest(&s.Others[i])
		visit(&s.Others[i])
	}
	if s.Largest != nil && !isThere {
		visit(s.Largest)
	}
	if s.Latest != nil {
		visit(s.Latest)
	}
}

// isSame reports whether two samples are of the same divergence, of which one may have been measured.
func (s *Sample) isSame(o *Sample) bool {
	a, b := s.Example, o.Example
	return a.IsSame(&b)
}

// Sample is an example, with the kind of each of its columns.
type Sample struct {
	diff.Example
	Kinds []diff.ColumnKind `json:"column_kinds,omitempty"`
}

// RuleHits counts what a rule has tolerated.
type RuleHits struct {
	ID      string    `json:"id"`
	Rule    diff.Rule `json:"rule"`
	Hits    int64     `json:"hits"`
	Of      int64     `json:"of"`
	Samples Samples   `json:"samples"`
}

// Lag is how far V1 was behind its input.
type Lag struct {
	// Most is the largest number of records, -1 if it is not known. Growing: it grew over the
	// last minutes.
	Most    int64 `json:"most"`
	Growing bool  `json:"growing"`
}

// SpanV2 describes V2 at the end of a span.
type SpanV2 struct {
	Processor      string   `json:"processor"`
	Implementation string   `json:"implementation"`
	Strategy       string   `json:"strategy"`
	Skew           Figure   `json:"skew"`
	Pressure       Pressure `json:"backpressure"`
	Reseeds        int64    `json:"reseeds"`
	Rescales       int64    `json:"rescales"`
	Routing        []Routed `json:"routing"`
	Sampled        bool     `json:"sampled"`
}

// Routed is a Routing.
type Routed struct {
	Routing
	Output       string `json:"output"`
	Index        int    `json:"index"`
	Unsplittable string `json:"unsplittable,omitempty"`
}

// Work is the work of one of V2's partitions.
type Work struct {
	Records    int64    `json:"records"`
	Keys       int64    `json:"keys"`
	Busy       Duration `json:"busy_ms"`
	MostQueued int64    `json:"queue"`
}

// SpanHole is the part of a Hole that a span has.
type SpanHole struct {
	Hole
	Batches int64 `json:"batches"`
}

// Input is what the input and the output say of the span.
type Input struct {
	BrokerGaps        int64    `json:"broker_gaps"`
	RefusedRows       int64    `json:"refused_rows"`
	ChangedTimestamps int64    `json:"changed_timestamps"`
	DeadLetters       int64    `json:"dead_letters"`
	DeadLetterTopics  []string `json:"dead_letter_topics"`
	// Decoded records and Encoded rows took so long.
	Decoded    int64    `json:"decoded_records"`
	DecodeTime Duration `json:"decode_ms"`
	Encoded    int64    `json:"encoded_rows"`
	EncodeTime Duration `json:"encode_ms"`
	// WindowSize and WindowGrace are the largest of the job's windows, in ms.
	WindowSize  int64 `json:"window_size"`
	WindowGrace int64 `json:"window_grace"`
}

// IsHole reports whether V2 was away, so that nothing was compared.
func (s *Span) IsHole() bool { return len(s.Holes) > 0 }

// Interrupts returns why no clean stretch contains the span or what was before it; false if
// one may.
func (s *Span) Interrupts() (Interruption, bool) {
	i := Interruption{At: s.Wall[1], To: s.To}
	switch {
	case s.IsHole():
		i.Kind, i.Reason = "hole", s.Holes[len(s.Holes)-1].Reason
	case s.Rollback != "":
		i.Kind, i.Reason = "rollback", s.Rollback
	case s.Fallback != "":
		i.Kind, i.Reason = "fallback", s.Fallback
	default:
		return i, false
	}
	return i, true
}

// RemoveSamples removes the examples of divergences and rules, and reports whether there were
// any. Counts stay.
func (s *Span) RemoveSamples() (had bool) {
	remove := func(of *Samples) {
		had = had || of.First != nil || of.Latest != nil || of.Largest != nil
		*of = Samples{}
	}
	for i := range s.Divergences {
		remove(&s.Divergences[i].Samples)
	}
	for i := range s.Rules {
		remove(&s.Rules[i].Samples)
	}
	if had {
		s.DetailGone = "samples"
	}
	return had
}
