package redaction

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Redaction says what of a plan's records must not be shown, and what is shown instead. It is
// safe for concurrent use. A nil Redaction hides nothing.
type Redaction struct {
	key []byte
	// sources are the redacted columns of sources, outputs those of outputs by topic and name,
	// in lower case.
	sources map[node]bool
	outputs map[string]bool
	stages  []Stage
}

// Stage says what of the state of a stage contains redacted values.
type Stage struct {
	// Key: the keys of entries do. Contents: what they hold does.
	Key, Contents bool
}

// New returns the redaction of columns (topic.column, of an output or a source), with the key of
// the hashes. What a column of an output is made of is redacted as well, and so are all columns
// of outputs that are made of that. A source's time is not.
func New(p *plan.Plan, columns []string, key []byte) (*Redaction, error) {
	r := &Redaction{key: key, sources: map[node]bool{}, outputs: map[string]bool{}}
	hidden := newLineage(p)
	for _, column := range columns {
		if err := addNamed(hidden, column); err != nil {
			return nil, err
		}
	}
	for n := range hidden.found {
		switch {
		case n.kind == sourceColumn && p.Sources[n.of].Timestamp == n.column:
			delete(hidden.found, n)
		case n.kind == sourceColumn || n.kind == wholeKey:
			r.sources[n] = true
		}
	}
	isMadeOf := func(n node) bool {
		of := newLineage(p)
		of.add(n)
		return of.meets(hidden)
	}
	for i, q := range p.Queries {
		for k, c := range q.Sink.Key {
			if isMadeOf(node{keyColumn, i, k}) {
				r.outputs[nameOf(q.Sink.Topic, c.Name)] = true
			}
		}
		for k, c := range q.Sink.Values {
			if !isMadeOf(node{valueColumn, i, k}) {
				continue
			}
			r.outputs[nameOf(q.Sink.Topic, c.Name)] = true
			if t := q.Sink.Time; t != nil && t.Column == k {
				return nil, fmt.Errorf("%s.%s cannot be redacted: it gives the time of the records of its topic, which is shown", q.Sink.Topic, c.Name)
			}
		}
	}
	for _, q := range p.Stages {
		r.stages = append(r.stages, stageOf(p, p.Queries[q.Index].Logical, hidden))
	}
	return r, nil
}

// Check returns an error for columns that cannot be redacted.
func Check(p *plan.Plan, columns []string) error {
	if len(columns) == 0 {
		return nil
	}
	_, err := New(p, columns, nil)
	return err
}

// addNamed adds the columns that have a name, with what they are made of.
func addNamed(l *lineage, column string) error {
	isFound := false
	for i, s := range l.plan.Sources {
		for c := range s.Columns {
			if !strings.EqualFold(column, s.Topic+"."+s.Columns[c].Name) {
				continue
			}
			if s.Timestamp == c {
				return fmt.Errorf("%s cannot be redacted: it gives the time of the topic's records, which windows and evidence show", column)
			}
			l.add(node{sourceColumn, i, c})
			isFound = true
		}
	}
	for i, q := range l.plan.Queries {
		add := func(kind nodeKind, columns []row.Column) {
			for c := range columns {
				if strings.EqualFold(column, q.Sink.Topic+"."+columns[c].Name) {
					l.add(node{kind, i, c})
					isFound = true
				}
			}
		}
		add(valueColumn, q.Sink.Values)
		add(keyColumn, q.Sink.Key)
	}
	if !isFound {
		return fmt.Errorf("%q is not a column of an output or a source; write topic.column", column)
	}
	return nil
}

// meets reports whether both have a column in common.
func (l *lineage) meets(other *lineage) bool {
	for n := range l.found {
		if other.found[n] {
			return true
		}
	}
	return false
}

// stageOf says what of the state of a stage of a query may contain the values of hidden columns.
// State keeps more of the rows than the query's output shows: its contents may have any column
// of an input.
func stageOf(p *plan.Plan, q *plan.Query, hidden *lineage) Stage {
	rows, keys := newLineage(p), newLineage(p)
	for i := range q.From {
		in := &q.From[i]
		rows.wholeKey(in)
		for c := range in.Rows.Columns {
			rows.input(in, c)
			if in.Rows.Key[c] {
				keys.input(in, c)
			}
		}
	}
	if q.Aggregation != nil {
		for _, e := range q.Aggregation.GroupBy {
			keys.walk(q, e)
		}
	}
	if q.Over != nil {
		for _, e := range q.Over.PartitionBy {
			keys.walk(q, e)
		}
	}
	for k := range q.Key {
		keys.add(node{keyColumn, q.Index, k})
	}
	for i := range q.Items {
		rows.add(node{valueColumn, q.Index, i})
	}
	s := Stage{Key: keys.meets(hidden), Contents: rows.meets(hidden)}
	if len(q.Joins) > 0 || q.Distinct { // the key is an expression of a join, or all of the row
		s.Key = s.Contents
	}
	return s
}

func nameOf(topic, column string) string { return strings.ToLower(topic + "." + column) }

// IsRedacted reports whether the values of a column of an output topic must not be shown.
func (r *Redaction) IsRedacted(topic, column string) bool {
	return r != nil && r.outputs[nameOf(topic, column)]
}

// HasSource reports whether the values of a column of a source must not be shown.
func (r *Redaction) HasSource(source, column int) bool {
	return r != nil && r.sources[node{sourceColumn, source, column}]
}

// HasKey reports whether nothing of the keys of a source's records must be shown.
func (r *Redaction) HasKey(source int) bool { return r != nil && r.sources[node{wholeKey, source, 0}] }

// OfStage says what of the state of a stage must not be shown.
func (r *Redaction) OfStage(stage int) Stage {
	if r == nil {
		return Stage{}
	}
	return r.stages[stage]
}

// Replace returns the keyed hash that is shown instead of a text: equal texts have equal ones.
func (r *Redaction) Replace(text string) string { return "#" + hex.EncodeToString(r.Sum(text)[:6]) }

// plainReasons are the reasons of dead letters that Parallax gives. They contain no values.
var plainReasons = exec.Reasons()

// ReplaceError returns what is shown instead of the text of an error or the reason of a dead
// letter, which may contain any value. What Parallax itself says of a record has no values.
func (r *Redaction) ReplaceError(text string) string {
	if slices.Contains(plainReasons, text) {
		return text
	}
	return fmt.Sprintf("(redacted by evidence.redact: %s)", r.Replace(text))
}

// Salted returns what is stored instead of the hash of a key: without the redaction's key, it
// cannot be found out of which value it is.
func (r *Redaction) Salted(hash uint64) uint64 {
	return binary.BigEndian.Uint64(r.Sum(string(binary.BigEndian.AppendUint64([]byte("key "), hash))))
}

// Sum returns the keyed hash of a text, 32 bytes.
func (r *Redaction) Sum(text string) []byte {
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte(text)) // it cannot fail
	return h.Sum(nil)
}
