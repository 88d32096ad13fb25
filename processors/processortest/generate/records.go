package generate

import (
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"parallax/processors/row"
)

// Record is a record of an input: an object, or a raw value.
type Record struct {
	Topic     string
	Partition int
	Time      int64  // the record's own timestamp in ms, -1 for none
	Key       string // JSON, "" for none
	Fields    []Field
	// Raw is the value if it is not an object.
	Raw string
}

// Field is a member of a record's object: a name and JSON.
type Field struct{ Name, Value string }

// line is the record as golden files have it, its fields written as value does.
func (r *Record) line(value func(*Record) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s p%d ", r.Topic, r.Partition)
	if r.Time < 0 {
		b.WriteString("- ")
	} else {
		fmt.Fprintf(&b, "%d ", r.Time)
	}
	if r.Key != "" {
		b.WriteString(r.Key + " -> ")
	}
	switch {
	case r.Raw != "":
		b.WriteString(r.Raw)
	case value == nil:
		b.WriteString(r.object())
	default:
		b.WriteString(value(r))
	}
	return b.String()
}

func (r *Record) object() string {
	var fields []string
	for _, f := range r.Fields {
		fields = append(fields, strconv.Quote(f.Name)+":"+f.Value)
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// records makes an input for the sources that are read: few keys, many NULLs, late and
// out-of-order records, duplicates, jumps in time, null values, deletions of tables' rows,
// and undecodable records, over several topic-partitions.
func (g *generator) records(sources []*source) []Record {
	var from []*source
	for _, s := range sources {
		if s.read && !s.made {
			from = append(from, s)
		}
	}
	partitions := 1 + g.IntN(3)
	now := int64(100_000)
	var all []Record
	for range 4 + g.IntN(26) + 8*(len(from)-1) {
		now += g.Int64N(2_000)
		if g.one(30) {
			now += 60_000
		}
		if len(all) > 0 && g.one(12) {
			all = append(all, pick(g, all...))
			continue
		}
		at := now
		if g.one(4) {
			at -= g.Int64N(25_000)
		}
		all = append(all, g.record(pick(g, from...), g.IntN(partitions), at))
	}
	if g.one(8) { // near the end: records after the last event time are late
		at := len(all) - g.IntN(min(4, len(all)))
		extreme := g.record(pick(g, from...), g.IntN(partitions), pick(g, int64(0), 253_402_300_799_999, 253_402_300_800_000, math.MaxInt64))
		all = slices.Insert(all, at, extreme)
	}
	return all
}

func (g *generator) record(s *source, partition int, at int64) Record {
	r := Record{Topic: s.topic, Partition: partition, Time: at, Key: g.key(s)}
	if g.one(30) || s.def.Table && g.one(5) { // a deletion
		r.Raw = "null"
		return r
	}
	named := s.value.named
	for i := len(s.key); i < len(s.columns); i++ {
		c := s.columns[i]
		value := pick(g, s.values[i]...)
		switch {
		case i == s.timestamp:
			value = fmt.Sprint(at - g.Int64N(3_000))
			if g.one(40) {
				value = pick(g, "null", "-1", "99999999999999", "253402300799999", "253402300800000", "9223372036854775807", "-9223372036854775808")
			}
		case g.one(20):
			value = g.json(c.Type)
		case g.one(150) && !s.value.isKafka(): // raw bytes derived from a valid value

			value = pick(g, `"wrong"`, "1.5", "[]", "{}", "true")
		case g.one(30) && (named || g.one(4)):
			continue // it is missing
		}
		if s.value.isKafka() && c.Type.IsNumeric() {
			value = whole.Replace(value)
		}
		if s.value.isDelimited() && !g.one(20) {
			value = isoText(c.Type.Kind, value)
		}
		r.Fields = append(r.Fields, Field{c.Name, value})
	}
	if named && len(r.Fields) > 0 && g.one(6) { // used if the column's own field is missing
		c := pick(g, s.columns[len(s.key):]...)
		r.Fields = append(r.Fields, Field{strings.ToLower(c.Name), g.json(c.Type)})
	}
	if named && g.one(3) {
		g.Shuffle(len(r.Fields), func(i, j int) { r.Fields[i], r.Fields[j] = r.Fields[j], r.Fields[i] })
	}
	if named && g.one(4) {
		r.Fields = append(r.Fields, Field{"extra", `{"C1":"no","list":[1,{"n":"}"}]}`})
	}
	if g.one(40) {
		if value := valueOf(s.def)(&r); len(value) > 1 {
			r.Raw, r.Fields = value[:1+g.IntN(len(value)-1)], nil // cut short
		}
	}
	return r
}

// isoText writes a DATE's days or a TIME's milliseconds as text, for DELIMITED; other
// values are unchanged.
func isoText(k row.Kind, value string) string {
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil || k != row.Date && k != row.Time {
		return value
	}
	return strconv.Quote(row.FormatISO(row.NewIntegral(k, n)))
}

// key is a record's key as its source reads it.
func (g *generator) key(s *source) string {
	never := 6
	if s.def.Table {
		never = 40 // a record without a key is dropped
	}
	if len(s.key) == 0 || g.one(never) {
		if len(s.key) == 0 && g.one(2) {
			return `"k"`
		}
		return ""
	}
	var values []string
	for i := range s.key {
		value := pick(g, s.values[i]...)
		for s.def.Table && value == "null" && !g.one(never) {
			value = pick(g, s.values[i]...)
		}
		values = append(values, value)
	}
	switch s.keyFormat {
	case "JSON":
		r := &Record{}
		for i, value := range values {
			r.Fields = append(r.Fields, Field{s.columns[i].Name, value})
		}
		return r.object()
	case "DELIMITED":
		return string(row.AppendJSONString(nil, delimited(values, ",")))
	}
	if values[0] == "null" {
		return ""
	}
	return values[0]
}

// json returns a random value of a type in the format of records.
func (g *generator) json(t row.Type) string {
	if g.one(15) {
		return "null"
	}
	switch t.Kind {
	case row.Boolean:
		return pick(g, "true", "false", "true", "false", `"true"`)
	case row.Int:
		return pick(g, "0", "1", "2", "3", "4", "7", "-1", "5.0", `"8"`, `"+08"`, `"5."`, "2147483647", "-2147483648")
	case row.Bigint:
		return pick(g, "0", "1", "2", "3", "7", "-3", `"8"`, `"-0E2"`, "1e3", "5000000000", "9223372036854775807", "-9223372036854775808")
	case row.Double:
		return pick(g, "0.1", "0.2", "-0.0", "0", "1", "3", "-2.5", "1e300", "-1e300", `"NaN"`, `"Infinity"`)
	case row.Decimal:
		return g.decimalText(t)
	case row.String:
		return g.jsonText()
	case row.Bytes:
		return `"` + base64.StdEncoding.EncodeToString([]byte(g.word())) + `"`
	case row.Timestamp:
		return pick(g, "100000", "105500", "0", "-1", "1709210096789", `"1970-01-01T00:01:42"`, `"19700101T000142"`,
			// Clocks go back and forward.
			`"2025-10-26T02:30:00"`, "1743301800000",
			// The limits of TIMESTAMP, and of the times that have a DATE.
			"9223372036854775807", "-9223372036854775808", "185542587187199999", "-185542587187200001")
	case row.Date:
		return pick(g, "0", "1", "19782", "-1", "2147483647", "-2147483648", `"2024-02-29"`, `"20240229"`)
	case row.Time:
		return pick(g, "0", "100000", "86399999", `"00:01:42.5"`, `"000142"`)
	case row.Array:
		var items []string
		for range g.IntN(4) {
			items = append(items, g.json(*t.Elem))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	var fields []Field
	if t.Kind == row.Map {
		for _, name := range []string{"a", "b", "A"} {
			if g.one(2) {
				fields = append(fields, Field{name, g.json(*t.Elem)})
			}
		}
	}
	for _, f := range t.Fields {
		if !g.one(8) {
			fields = append(fields, Field{f.Name, g.json(f.Type)})
		}
		if g.one(8) {
			fields = append(fields, Field{strings.ToLower(f.Name), g.json(f.Type)})
		}
	}
	return (&Record{Fields: fields}).object()
}

// jsonText is a text as JSON has it, now and then in another form.
func (g *generator) jsonText() string {
	if g.one(10) {
		return pick(g, `"\u0041"`, "7", "true", `{"x":1}`, `"a\"b"`, `"\u0000"`, `"\u001b[31m"`, `"\ud800"`, `"%_%"`)
	}
	return string(row.AppendJSONString(nil, g.word()))
}
