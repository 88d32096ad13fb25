package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"parallax/processors/row"
)

// Part is one aspect of a source or of a query, with a digest of the plan's fields for it.
type Part struct {
	Of     string `json:"of"`   // "query TOTALS"
	What   string `json:"what"` // "window"
	Digest string `json:"digest"`
}

// Fingerprint returns a digest of the plan: its sources, columns, types, expressions,
// windows, keys, formats and sinks. White space, comments, names of aliases, and settings
// that only matter when topics are created are not part of it. State that was made under
// one fingerprint cannot be used under another.
func (p *Plan) Fingerprint() string { return FingerprintOf(p.Parts()) }

// FingerprintOf returns a digest of parts.
func FingerprintOf(parts []Part) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%q %q %s\n", part.Of, part.What, part.Digest)
	}
	return hex.EncodeToString(h.Sum(nil)[:digestBytes])
}

// digestBytes is how much of a SHA-256 is kept.
const digestBytes = 16

// Difference names the first part in which two plans differ, "" if they are equal: "query
// TOTALS: the window differs".
func Difference(was, is []Part) string {
	for _, p := range was {
		if !hasPart(is, p.Of) {
			return p.Of + " is missing"
		}
	}
	for _, p := range is {
		if !hasPart(was, p.Of) {
			return p.Of + " is new"
		}
	}
	for i, p := range was {
		if i >= len(is) || is[i] != p {
			return p.Of + ": the " + p.What + " differs"
		}
	}
	return ""
}

func hasPart(parts []Part, of string) bool {
	return slices.ContainsFunc(parts, func(p Part) bool { return p.Of == of })
}

// Parts returns digests of everything that the plan does: the order of the queries, and the
// parts of each source and each query.
func (p *Plan) Parts() []Part {
	d := &digester{known: map[any]string{}}
	order := d.of(len(p.Queries))
	for _, q := range p.Queries {
		order += d.of(q.Sink.Name)
	}
	parts := []Part{{"script", "order of the queries", d.of(order)}}
	for _, s := range p.Sources {
		of := "source " + s.Name
		if s.Table {
			of = "table " + s.Name
		}
		parts = append(parts, aspects(of, sourceAspects, func(field string) string { return d.field(s, field) })...)
	}
	for i, q := range p.Queries {
		parts = append(parts, aspects("query "+q.Sink.Name, queryAspects, func(field string) string {
			var all strings.Builder
			for _, stage := range p.Stages {
				if stage.Index == i {
					all.WriteString(d.field(stage, field))
				}
			}
			return all.String()
		})...)
	}
	return parts
}

// aspect is a name for some fields of a Query or a row.Source: "Sink.Key" is the field Key
// of the field Sink.
type aspect struct {
	what   string
	fields []string
}

var sourceAspects = []aspect{
	{"topic", []string{"Topic"}},
	{"kind", []string{"Table", "Windowed", "Session", "Grace"}},
	{"list of columns", []string{"Columns", "Key", "Headers"}},
	{"format", []string{"KeyFormat", "Format", "KeyDelimiter", "Delimiter", "Bare"}},
	{"event time", []string{"Timestamp", "TimestampFormat", "TimestampUnit", "TimestampPath"}},
}

var queryAspects = []aspect{
	{"join", []string{"Joins"}},
	{"WHERE", []string{"Where"}},
	{"GROUP BY", []string{"Aggregation.GroupBy"}},
	{"window", []string{"Aggregation.Window"}},
	{"list of aggregates", []string{"Aggregation.Aggregates", "Aggregation.Undo"}},
	{"HAVING", []string{"Aggregation.Having"}},
	{"EMIT clause", []string{"Aggregation.Emit", "Aggregation.WindowScope", "Sink.Final", "Sink.WindowScope"}},
	{"list of OVER calls", []string{"Over"}},
	{"EXPLODE", []string{"Explode"}},
	{"LIMIT", []string{"Limit"}},
	{"list of columns", []string{"Items", "Distinct", "Sink.Values", "Sink.InValue", "Sink.FromKey"}},
	{"key", []string{"Key", "Rekeyed", "Sink.Key", "Sink.Windowed", "Sink.Session"}},
	{"format", []string{"Sink.KeyFormat", "Sink.Format", "Sink.KeyDelimiter", "Sink.Delimiter", "Sink.Bare"}},
	{"sink", []string{"Sink.Name", "Sink.Topic", "Sink.Table", "Sink.Time", "Sink.Grace", "Sink.AnyPartition"}},
	{"input", []string{"Source", "Inputs", "Follows", "Hidden", "Ordered", "Retain"}},
	{"split key", []string{"Split"}},
}

// leftOut are fields that change neither rows nor state, or that follow from others.
var leftOut = map[reflect.Type][]string{
	reflect.TypeFor[row.Source]():   {"Name", "Needed", "Keyed", "RowKeyed"},
	reflect.TypeFor[row.Sink]():     {"Hopping", "Partitions", "Replicas"},
	reflect.TypeFor[row.SinkTime](): {"Read"},
	reflect.TypeFor[Query]():        {"Index", "Stage", "Explain", "Logical", "From", "Aggregation", "Sink"},
	reflect.TypeFor[Input]():        {"Rows"},
	reflect.TypeFor[JoinedColumn](): {"Name"},
	reflect.TypeFor[Split]():        {"Reason"},
	reflect.TypeFor[Column]():       {"Qualifier", "Name"},
	reflect.TypeFor[System]():       {"Qualifier"},
	reflect.TypeFor[Group]():        {"Name"},
	reflect.TypeFor[Aggregate]():    {"Text"},
	reflect.TypeFor[OverValue]():    {"Text"},
	reflect.TypeFor[Local]():        {"Name"},
}

func aspects(of string, list []aspect, field func(string) string) []Part {
	parts := make([]Part, 0, len(list))
	for _, a := range list {
		h := sha256.New()
		for _, f := range a.fields {
			fmt.Fprintf(h, "%s %s\n", f, field(f))
		}
		parts = append(parts, Part{Of: of, What: a.what, Digest: hex.EncodeToString(h.Sum(nil)[:digestBytes])})
	}
	return parts
}
