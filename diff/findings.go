package diff

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"parallax/processors/row"
)

// Cause is the input record that caused a row.
type Cause struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
}

// ColumnDiff is a column that differs, as both sides have it.
type ColumnDiff struct {
	Name string `json:"name"`
	V1   string `json:"v1"`
	V2   string `json:"v2"`
	// Kind says how to present the two texts.
	Kind ColumnKind `json:"-"`
}

// Example is one divergence with everything that is needed to investigate it.
type Example struct {
	Topic  string            `json:"topic,omitempty"`
	Key    map[string]string `json:"key,omitempty"`
	Window []int64           `json:"window,omitempty"` // start, end
	// V1 and V2 are the sides' rows as JSON, "" for none.
	V1           string       `json:"v1,omitempty"`
	V2           string       `json:"v2,omitempty"`
	Columns      []ColumnDiff `json:"columns,omitempty"`
	Causes       []Cause      `json:"causes,omitempty"`
	V2Partitions []int32      `json:"v2_partitions,omitempty"`
	// Place is the place in the total order of a row that merge dropped or moved.
	Place string `json:"place,omitempty"`
	// Flush: the row was made by the flush at the end of the input, so it has no record as
	// its cause.
	Flush bool   `json:"flush,omitempty"`
	Batch int64  `json:"batch"`
	Error string `json:"error,omitempty"`
	// Amount is how far the values of the first column that has a number or a time on both sides are
	// apart, times in ms; 0 where that was not measured. It is measured for Signature.Largest.
	Amount float64 `json:"amount,omitempty"`
	// State is set where states differ, not rows. Its texts are limited by package states.
	State *StateDifference `json:"state,omitempty"`
}

// IsSame reports whether two examples show the same divergence, of which one may have been measured.
func (e *Example) IsSame(o *Example) bool {
	a, b := *e, *o
	a.Amount, b.Amount = 0, 0
	return reflect.DeepEqual(a, b)
}

// size estimates the size of an example, in bytes.
func (e Example) size() int {
	n := 200 + len(e.V1) + len(e.V2) + len(e.Error)
	for name, text := range e.Key {
		n += len(name) + len(text)
	}
	for _, c := range e.Columns {
		n += len(c.Name) + len(c.V1) + len(c.V2)
	}
	return n
}

// Signature counts similar divergences: of the same class, topic, columns and shape.
type Signature struct {
	ID      string   `json:"id"`
	Class   Class    `json:"class"`
	Topic   string   `json:"topic,omitempty"`
	Columns []string `json:"columns"`
	Count   int64    `json:"count"`
	Roots   int64    `json:"roots"`
	Example Example  `json:"example"`
	Latest  *Example `json:"latest,omitempty"`
	// Largest is the one whose values are the furthest apart; nil if none has a distance.
	Largest        *Example   `json:"largest,omitempty"`
	Hypothesis     Hypothesis `json:"hypothesis,omitempty"`
	HypothesisText string     `json:"hypothesis_text,omitempty"`
	// Note explains what class and columns do not express.
	Note string `json:"note,omitempty"`
	// V2Partitions are all V2 partitions with such divergences.
	V2Partitions []int32 `json:"v2_partitions,omitempty"`

	// fitting are the hypotheses that may explain all its divergences, shown those that
	// certainly explain at least one of them.
	fitting, shown hypotheses
	shape          string
	// waits: first and latest still have to be rendered as Example and Latest, if they have
	// a class.
	waits         bool
	first, latest divergence
	large         largest
	// isLatest: it is among the latest signatures.
	isLatest bool
}

// divergence is one difference at the required level.
type divergence struct {
	class Class
	root  bool
	topic string
	shape string
	// sure are the hypotheses that fit, unsure those for which that cannot be decided.
	sure, unsure hypotheses
	// rows are the differing rows, if it is a difference of rows; otherwise example
	// describes it.
	rows    pair
	example Example
	// beside: see the function beside.
	beside bool
}

// findings counts divergences and keeps a limited number of examples.
type findings struct {
	roots, cascades int64
	visible         int64 // of both, those that rows, dead letters or dispositions show
	byClass         map[Class]int64
	byTopic         map[string]*rootsAndCascades
	bySignature     map[string]*Signature
	// pending are the signatures with rows that are not rendered yet. If every row of a V2
	// is wrong, a batch has a thousand examples, of which one is kept.
	pending []*Signature
	// fresh are the signatures that NewSignatures has not returned yet.
	fresh []*Signature
	// latest are the signatures with divergences that Latest has not returned yet.
	latest []*Signature
	// measured are the signatures that have a largest difference in the part; amount returns how far two rows are apart.
	measured []*Signature
	amount   func(*pair) float64
	text     []byte // scratch
	batch    int64  // the Seq of the batch being compared
	origin   Origin
	// partRoots and partOrigin are the roots since the last Cut and their origins.
	partRoots  int64
	partOrigin Origin
}

// exampleBytes limits one example's texts. shownBytes limits a name or a path, and each
// text of an example that is larger than exampleBytes.
const (
	exampleBytes = 4096
	shownBytes   = 200
)

// rootsAndCascades counts divergences.
type rootsAndCascades struct{ roots, cascades int64 }

func newFindings() findings {
	return findings{byClass: map[Class]int64{}, byTopic: map[string]*rootsAndCascades{}, bySignature: map[string]*Signature{}}
}

func (f *findings) total() int64 { return f.roots + f.cascades }

// signature returns the signature of a divergence, a new one if needed.
func (f *findings) signature(d *divergence) *Signature {
	text := append(f.text[:0], d.class...)
	text = append(append(text, 0), d.topic...)
	text = append(append(text, 0), d.shape...)
	fixed := len(text)
	if d.rows.sink != nil {
		text = d.rows.appendColumns(text)
	}
	for _, c := range d.example.Columns {
		text = append(append(text, 0), c.Name...)
	}
	f.text = text
	if s, ok := f.bySignature[string(text)]; ok {
		return s
	}
	s := &Signature{
		ID: fmt.Sprintf("%012x", xxh3.Hash(text)>>16), Class: d.class, Topic: d.topic, Columns: []string{}, fitting: allHypotheses, shape: d.shape,
	}
	for _, name := range bytes.Split(text[fixed:], []byte{0})[1:] {
		s.Columns = append(s.Columns, row.ShortenTo(name, shownBytes))
	}
	f.bySignature[string(text)] = s
	f.fresh = append(f.fresh, s)
	return s
}

// add counts a divergence. Its rows must stay valid until show.
func (f *findings) add(d divergence) {
	topic := f.byTopic[d.topic]
	if topic == nil {
		topic = &rootsAndCascades{}
		f.byTopic[d.topic] = topic
	}
	if d.root {
		f.origin.note(f.roots == 0, f.batch, d.partitions())
		f.partOrigin.note(f.partRoots == 0, f.batch, d.partitions())
		f.roots++
		f.partRoots++
		topic.roots++
	} else {
		f.cascades++
		topic.cascades++
	}
	if !d.beside {
		f.visible++
	}
	f.byClass[d.class]++
	s := f.signature(&d)
	s.Count++
	if !s.isLatest {
		s.isLatest = true
		f.latest = append(f.latest, s)
	}
	if d.root {
		s.Roots++
	}
	if !s.waits {
		s.waits = true
		f.pending = append(f.pending, s)
	}
	if shows := s.weigh(&d); s.Count == 1 || shows { // the one that shows it
		s.first = d
	}
	if s.Count > 1 {
		s.latest = d
	}
	f.measure(s, &d)
	for _, p := range d.partitions() {
		s.involves(p)
	}
}

// partitions returns the V2 partitions of a divergence.
func (d *divergence) partitions() []int32 {
	if d.rows.sink != nil {
		return d.rows.partitions()
	}
	return d.example.V2Partitions
}

func (s *Signature) involves(partition int32) {
	if !slices.Contains(s.V2Partitions, partition) {
		s.V2Partitions = append(s.V2Partitions, partition)
	}
}

// show renders the examples added since the last call; of renders rows.
func (f *findings) show(of func(pair) Example) {
	for _, s := range f.pending {
		if s.first.class != "" {
			s.Example = s.first.show(of)
		}
		if s.latest.class != "" {
			latest := s.latest.show(of)
			s.Latest = &latest
		}
		f.showLargest(s, of)
		s.waits, s.first, s.latest = false, divergence{}, divergence{}
	}
	f.pending = f.pending[:0]
}

func (d *divergence) show(of func(pair) Example) Example {
	if d.rows.sink != nil {
		return clip(of(d.rows))
	}
	return clip(d.example)
}

// clip limits the size of an example.
func clip(e Example) Example {
	if e.size() <= exampleBytes {
		return e
	}
	short := func(s string) string { return row.ShortenTo(s, shownBytes) }
	e.V1, e.V2, e.Error = short(e.V1), short(e.V2), short(e.Error)
	if e.Key != nil {
		key := make(map[string]string, len(e.Key))
		for name, text := range e.Key {
			key[short(name)] = short(text)
		}
		e.Key = key
	}
	e.Columns = slices.Clone(e.Columns)
	for i := range e.Columns {
		e.Columns[i].Name = short(e.Columns[i].Name)
		e.Columns[i].V1, e.Columns[i].V2 = short(e.Columns[i].V1), short(e.Columns[i].V2)
	}
	return e
}

// view returns a copy of a signature with the values that follow from its counts.
func (s *Signature) view() Signature {
	c := *s
	c.V2Partitions = slices.Sorted(slices.Values(s.V2Partitions))
	c.Hypothesis = (s.fitting & s.shown).first()
	c.Note = note(s)
	c.HypothesisText = c.Hypothesis.Text()
	return c
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
