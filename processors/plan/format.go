package plan

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// format is a format that WITH can name.
type format struct {
	name   string
	format row.Format
	// value and key say where the format can be used.
	value, key bool
	// holds reports whether a column can have a type; nil: any type. If the key's format is
	// the default, KAFKA, a column that KAFKA does not support is written as JSON.
	holds func(row.Type) bool
	// single: the format holds one column only.
	single bool
}

var formats = []format{
	{name: "JSON", format: row.FormatJSON, value: true, key: true},
	{name: "DELIMITED", format: row.FormatDelimited, value: true, key: true, holds: isFlat},
	{name: "KAFKA", format: row.FormatKafka, value: true, key: true, holds: isPrimitive, single: true},
	{name: "STRING", format: row.FormatString, key: true},
	{name: "NONE", format: row.FormatNone, key: true},
}

// laterFormats are known and not read yet.
var laterFormats = []string{"AVRO", "PROTOBUF", "PROTOBUF_NOSR", "JSON_SR"}

// isFlat reports whether a field of DELIMITED can have the type.
func isFlat(t row.Type) bool { return !t.Kind.IsNested() }

// isPrimitive reports whether one of Kafka's own serialisers writes the type.
func isPrimitive(t row.Type) bool {
	switch t.Kind {
	case row.Int, row.Bigint, row.Double, row.String, row.Bytes:
		return true
	}
	return false
}

// formatNamed sets a format by its name, for values or keys, and returns what is wrong with
// the name.
func formatNamed(f *row.Format, v, what string, fits func(format) bool) string {
	var names []string
	name := strings.ToUpper(v)
	for _, known := range formats {
		switch {
		case fits(known) && known.name == name:
			*f = known.format
			return ""
		case fits(known):
			names = append(names, known.name)
		}
	}
	use := ": use " + strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
	switch {
	case slices.Contains(laterFormats, name):
		return "format " + name + " is not supported yet for " + what + use
	case slices.ContainsFunc(formats, func(known format) bool { return known.name == name }):
		return "format " + name + " is not for " + what + use
	}
	return "unknown format " + strconv.Quote(v) + use
}

func valueFormat(f *row.Format, v string) string {
	return formatNamed(f, v, "values", func(known format) bool { return known.value })
}

func keyFormat(f *row.Format, v string) string {
	return formatNamed(f, v, "keys", func(known format) bool { return known.key })
}

func bothFormats(key, value *row.Format, v string) string {
	if wrong := valueFormat(value, v); wrong != "" {
		return wrong
	}
	return keyFormat(key, v)
}

// defaultDelimiter parts the fields of DELIMITED.
const defaultDelimiter = ","

// delimiter sets the delimiter of fields: one character, or SPACE or TAB.
func delimiter(d *string, v string) string {
	switch {
	case strings.EqualFold(v, "TAB"):
		*d = "\t"
	case strings.EqualFold(v, "SPACE"):
		*d = " "
	case strings.TrimSpace(v) == "":
		return "the delimiter is empty or blank: write 'TAB' or 'SPACE' for those"
	case v == `"`:
		return "a quote cannot separate fields, because it encloses them"
	case utf8.RuneCountInString(v) != 1 || !utf8.ValidString(v):
		return strconv.Quote(v) + " is not a delimiter: write one character, or 'TAB' or 'SPACE'"
	default:
		*d = v
	}
	return ""
}

// side is the key or the value of a source or a sink, for checks against its format.
type side struct {
	of        string // the source or sink, for messages
	what      string // "value" or "key"
	format    row.Format
	delimiter *string
	columns   []row.Column
	// written: WITH names the format; otherwise it is the default.
	written bool
	// at has the positions at which a column is declared or selected.
	at []sql.Pos
}

// checkFormat checks that the format supports the columns of a side, and sets the default
// delimiter.
func (b *builder) checkFormat(s side, t *withTarget) error {
	property := strings.ToUpper(s.what) + "_DELIMITER"
	if at, given := t.given[property]; given && s.format != row.FormatDelimited {
		return b.errorf(at, "%s has no effect with format %s", property, s.format)
	}
	if s.format != row.FormatDelimited {
		*s.delimiter = ""
	} else if *s.delimiter == "" {
		*s.delimiter = defaultDelimiter
	}
	f := formats[slices.IndexFunc(formats, func(f format) bool { return f.format == s.format })]
	asText := f.format == row.FormatKafka && s.what == "key" && !s.written // the default key format writes as JSON text what KAFKA does not support
	for i, c := range s.columns {
		if f.holds != nil && !f.holds(c.Type) && !asText {
			err := b.errorf(s.at[i], "format %s does not support %s: column %s is %s", f.name, c.Type.Kind, c.Name, c.Type)
			return err.WithHint("write %s_format='JSON'", s.what)
		}
	}
	if f.single && len(s.columns) > 1 {
		err := b.errorf(s.at[1], "%s_format %s holds one column, and the %s of %s has %d", s.what, f.name, s.what, s.of, len(s.columns))
		return err.WithHint("write %s_format='JSON'", s.what)
	}
	if f.single && f.value && s.what == "value" && len(s.columns) == 0 {
		return b.errorf(t.at, "value_format %s holds one column, and the value of %s has none", f.name, s.of)
	}
	return nil
}

// checkWrap refuses wrap_single_value where it has no meaning. Formats that never wrap a
// value accept false.
func (b *builder) checkWrap(t *withTarget, f row.Format, columns int, of string, bare *bool) error {
	at, given := t.given["WRAP_SINGLE_VALUE"]
	switch {
	case !given:
		return nil
	case f != row.FormatJSON && !*bare:
		return b.errorf(at, "WRAP_SINGLE_VALUE=true is for JSON, format %s wraps no value", f).WithHint("leave it out, or write false")
	case columns != 1:
		return b.errorf(at, "WRAP_SINGLE_VALUE is for a value of one column, and the value of %s has %d", of, columns)
	}
	*bare = *bare && f == row.FormatJSON
	return nil
}

// wrapSingle reads WRAP_SINGLE_VALUE.
func wrapSingle(bare *bool, v string) string {
	wrap, wrong := boolean(v)
	*bare = !wrap
	return wrong
}

// finishSource checks a declared source against its formats and its event time.
func (b *builder) finishSource(src *row.Source, s *sql.CreateSource, t *withTarget) error {
	key := side{of: src.Name, what: "key", format: src.KeyFormat, delimiter: &src.KeyDelimiter, written: true}
	b.keyFormats[src.Name] = t.writesKeyFormat()
	value := side{of: src.Name, what: "value", format: src.Format, delimiter: &src.Delimiter}
	for i, c := range src.Columns {
		switch {
		case src.Key[i] && src.KeyFormat == row.FormatNone:
			return b.errorf(s.Columns[i].Name.At, "key_format NONE reads no key, and column %s is KEY", c.Name)
		case src.Key[i]:
			key.columns, key.at = append(key.columns, c), append(key.at, s.Columns[i].Type.At)
		case src.InValue(i):
			value.columns, value.at = append(value.columns, c), append(value.at, s.Columns[i].Type.At)
		}
	}
	if err := b.finishSourceTime(src, t); err != nil {
		return err
	}
	if err := b.checkFormat(key, t); err != nil {
		return err
	}
	if err := b.checkFormat(value, t); err != nil {
		return err
	}
	return b.checkWrap(t, src.Format, len(value.columns), src.Name, &src.Bare)
}

// writesKeyFormat reports whether WITH names a format of keys.
func (t *withTarget) writesKeyFormat() bool {
	_, key := t.given["KEY_FORMAT"]
	_, both := t.given["FORMAT"]
	return key || both
}

// finishFormats checks a sink against its formats and its event time. A key of several
// columns, which KAFKA cannot hold, becomes a JSON object, unless WITH of the sink, or of
// the source that the format is inherited from, names KAFKA.
func (b *builder) finishFormats(sink *row.Sink, t *withTarget) error {
	left := t.query.From[0].Rows
	written := t.writesKeyFormat() || b.keyFormats[left.Name] && left.KeyFormat != row.FormatNone
	b.keyFormats[sink.Name] = written
	if len(sink.Key) > 1 && sink.KeyFormat == row.FormatKafka && !written {
		sink.KeyFormat = row.FormatJSON
	}
	key := side{of: sink.Name, what: "key", format: sink.KeyFormat, delimiter: &sink.KeyDelimiter, columns: sink.Key, written: written}
	for range sink.Key {
		key.at = append(key.at, t.at)
	}
	value := side{of: sink.Name, what: "value", format: sink.Format, delimiter: &sink.Delimiter}
	for i, c := range sink.Values {
		if sink.InValue == nil || sink.InValue[i] {
			value.columns, value.at = append(value.columns, c), append(value.at, b.itemsAt[i])
		}
	}
	if err := b.finishSinkTime(sink, t); err != nil {
		return err
	}
	if err := b.checkFormat(key, t); err != nil {
		return err
	}
	if err := b.checkFormat(value, t); err != nil {
		return err
	}
	return b.checkWrap(t, sink.Format, len(value.columns), sink.Name, &sink.Bare)
}
