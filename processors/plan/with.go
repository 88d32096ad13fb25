package plan

import (
	"slices"
	"strconv"
	"strings"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// withTarget is the object of a WITH clause: a source, or a sink and its query.
type withTarget struct {
	at          sql.Pos // of the statement
	source      *row.Source
	sink        *row.Sink
	query       *Query
	dropKeys    bool   // key_in_value=false
	windowScope bool   // emit_scope='window'
	timeColumn  string // a sink's timestamp=
	timeFormat  string // timestamp_format=
	// given holds the position of each property's value.
	given map[string]sql.Pos
}

// property is a property of WITH. apply returns what is wrong with the value, "" for
// nothing.
type property struct {
	name  string
	apply func(t *withTarget, value string) string
}

// sourceProperties are the properties of CREATE STREAM name (...).
var sourceProperties = []property{
	{"KAFKA_TOPIC", func(t *withTarget, v string) string { t.source.Topic = v; return topicName(v) }},
	{"VALUE_FORMAT", func(t *withTarget, v string) string { return valueFormat(&t.source.Format, v) }},
	{"KEY_FORMAT", func(t *withTarget, v string) string { return keyFormat(&t.source.KeyFormat, v) }},
	{"FORMAT", func(t *withTarget, v string) string { return bothFormats(&t.source.KeyFormat, &t.source.Format, v) }},
	{"TIMESTAMP", timestampColumn},
	{"PARTITIONS", func(_ *withTarget, v string) string { return positive(new(int), v) }},
	{"REPLICAS", func(_ *withTarget, v string) string { return positive(new(int), v) }},
	{"TIMESTAMP_FORMAT", timestampFormat},
	{"TIMESTAMP_UNIT", timestampUnit},
	{"VALUE_DELIMITER", func(t *withTarget, v string) string { return delimiter(&t.source.Delimiter, v) }},
	{"KEY_DELIMITER", func(t *withTarget, v string) string { return delimiter(&t.source.KeyDelimiter, v) }},
	{"WRAP_SINGLE_VALUE", func(t *withTarget, v string) string { return wrapSingle(&t.source.Bare, v) }},
}

// sinkProperties are the properties of CREATE ... AS SELECT.
var sinkProperties = []property{
	{"KAFKA_TOPIC", func(t *withTarget, v string) string { t.sink.Topic = v; return topicName(v) }},
	{"VALUE_FORMAT", func(t *withTarget, v string) string { return valueFormat(&t.sink.Format, v) }},
	{"KEY_FORMAT", func(t *withTarget, v string) string { return keyFormat(&t.sink.KeyFormat, v) }},
	{"FORMAT", func(t *withTarget, v string) string { return bothFormats(&t.sink.KeyFormat, &t.sink.Format, v) }},
	{"PARTITIONS", func(t *withTarget, v string) string { return positive(&t.sink.Partitions, v) }},
	{"REPLICAS", func(t *withTarget, v string) string { return positive(&t.sink.Replicas, v) }},
	{"KEY_IN_VALUE", keyInValue},
	{"EMIT_SCOPE", emitScope},
	{"TIMESTAMP", sinkTimestamp},
	{"TIMESTAMP_FORMAT", timestampFormat},
	{"VALUE_DELIMITER", func(t *withTarget, v string) string { return delimiter(&t.sink.Delimiter, v) }},
	{"KEY_DELIMITER", func(t *withTarget, v string) string { return delimiter(&t.sink.KeyDelimiter, v) }},
	{"WRAP_SINGLE_VALUE", func(t *withTarget, v string) string { return wrapSingle(&t.sink.Bare, v) }},
}

// applyWith applies a WITH clause by its table of properties.
func (b *builder) applyWith(table []property, t *withTarget, props []sql.Property) error {
	t.given = map[string]sql.Pos{}
	for _, p := range props {
		if _, twice := t.given[p.Name.Text]; twice {
			return b.errorf(p.Name.At, "property %s is given twice", p.Name.Text)
		}
		t.given[p.Name.Text] = p.At
		i := slices.IndexFunc(table, func(known property) bool { return known.name == p.Name.Text })
		if i < 0 {
			var names []string
			for _, known := range table {
				names = append(names, known.name)
			}
			for _, other := range []struct {
				of    string
				table []property
			}{{"a source, not of a sink", sourceProperties}, {"a sink, not of a source", sinkProperties}} {
				if slices.ContainsFunc(other.table, func(known property) bool { return known.name == p.Name.Text }) {
					return b.errorf(p.Name.At, "%s is a property of %s", p.Name.Text, other.of)
				}
			}
			err := b.errorf(p.Name.At, "unknown property %s", p.Name.Text)
			if near := sql.Nearest(p.Name.Text, names); near != "" {
				return err.WithHint("did you mean %s?", near)
			}
			return err.WithHint("known properties: %s", strings.Join(names, ", "))
		}
		if wrong := table[i].apply(t, p.Value); wrong != "" {
			return b.errorf(p.At, "%s: %s", p.Name.Text, wrong)
		}
	}
	if both, given := t.given["FORMAT"]; given {
		for _, one := range []string{"KEY_FORMAT", "VALUE_FORMAT"} {
			if at, too := t.given[one]; too {
				return b.errorf(max(both, at), "FORMAT sets the format of keys and values, and %s is set, too: write one of them", one)
			}
		}
	}
	return nil
}

// topicName refuses names that Kafka refuses (org.apache.kafka.common.internals.Topic).
func topicName(v string) string {
	const longest = 249
	odd := strings.IndexFunc(v, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '_' || r == '-')
	})
	switch {
	case v == "":
		return "the name is empty"
	case v == "." || v == "..":
		return "no topic is called " + strconv.Quote(v)
	case odd >= 0:
		return strconv.Quote(v) + " has a character that the name of a topic cannot have: letters, digits, '.', '_' and '-' can be"
	case len(v) > longest:
		return "the name of a topic has 249 characters at most, and this one has " + strconv.Itoa(len(v))
	}
	return ""
}

func positive(n *int, v string) string {
	var err error
	if *n, err = strconv.Atoi(v); err != nil || *n < 1 {
		return strconv.Quote(v) + " is invalid: it must be a whole number greater than 0"
	}
	return ""
}

func keyInValue(t *withTarget, v string) string {
	keep, wrong := boolean(v)
	t.dropKeys = !keep
	return wrong
}

func boolean(v string) (is bool, wrong string) {
	switch strings.ToLower(v) {
	case "true":
		return true, ""
	case "false":
		return false, ""
	}
	return false, strconv.Quote(v) + " is neither true nor false"
}

func emitScope(t *withTarget, v string) string {
	switch strings.ToLower(v) {
	case "group":
	case "window":
		t.windowScope = true
	default:
		return strconv.Quote(v) + " is neither group nor window"
	}
	return ""
}
