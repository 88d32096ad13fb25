package tables

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"parallax/diff/records"
	"parallax/processors/row"
)

// Mapping says where the key and the window of one side's rows are.
type Mapping struct {
	Format KeyFormat
	// Columns are the key's columns, in the order of Options.Key.
	Columns []KeyColumn
	// Start and End are the value columns of the window, "" where it is not in the value.
	Start, End string
	// hasWindow: the rows have a window; hasEnd: its end is in the data.
	hasWindow, hasEnd bool
	// byKeyBytes: the key's bytes have to be remembered to find out which row a deletion
	// deletes.
	byKeyBytes bool
}

// KeyColumn is the place of a column of the key.
type KeyColumn struct {
	Name string
	// InKey: it is in the record's key, as the field Field or, if that is "", as the key
	// itself. Otherwise it is in the value.
	InKey bool
	Field string
}

func (m Mapping) String() string {
	var parts []string
	for _, c := range m.Columns {
		switch {
		case c.InKey && c.Field == "":
			parts = append(parts, fmt.Sprintf("%s from the record's key (%s)", c.Name, m.Format))
		case c.InKey:
			parts = append(parts, fmt.Sprintf("%s from field %s of the record's key (%s)", c.Name, c.Field, m.Format))
		default:
			parts = append(parts, fmt.Sprintf("%s from the value's column %s", c.Name, c.Field))
		}
	}
	switch {
	case len(m.Columns) == 0:
		parts = append(parts, "no key: rows are compared in any order")
	case !m.hasWindow:
	case m.Start != "":
		parts = append(parts, "window start from the value's column "+m.Start)
	case m.Format.Window != NoWindow:
		parts = append(parts, "window from the record's key")
	default:
		parts = append(parts, "window from the line")
	}
	if m.End != "" {
		parts = append(parts, "window end from the value's column "+m.End)
	}
	return strings.Join(parts, ", ")
}

// sample are the first records of a side.
type sample struct {
	keys    [][]byte
	values  []map[string]row.Value // by folded name, of the values that are objects
	names   map[string]string      // as they are written, by folded name
	records []Record
}

// fold is a column's name as names are compared: SQL engines differ in case.
func fold(name string) string { return strings.ToLower(name) }

func (s *sample) add(r *Record) {
	own := Record{Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp, Key: slices.Clone(r.Key), Value: slices.Clone(r.Value), Window: r.Window}
	s.records = append(s.records, own)
	if len(own.Key) > 0 {
		s.keys = append(s.keys, own.Key)
	}
	if own.Value == nil {
		return
	}
	v, ok := s.addNames(&own)
	if !ok {
		return
	}
	of := map[string]row.Value{}
	for i, name := range v.Names() {
		of[fold(name)] = v.Elements()[i]
	}
	s.values = append(s.values, of)
}

// addNames takes the names of a record's columns, and returns its value; false if that is
// no object.
func (s *sample) addNames(r *Record) (value row.Value, ok bool) {
	if r.Value == nil {
		return value, false
	}
	var p records.ValueParser
	value, _, err := p.Parse(r.Value)
	if err != nil || value.Kind() != row.Map {
		return value, false
	}
	if s.names == nil {
		s.names = map[string]string{}
	}
	for _, name := range value.Names() {
		if _, known := s.names[fold(name)]; !known {
			s.names[fold(name)] = strings.Clone(name)
		}
	}
	return value, true
}

// written are the names of the columns as they are written, sorted.
func (s *sample) written() []string { return slices.Sorted(maps.Values(s.names)) }

// hasColumn reports whether all values of the sample have a column.
func (s *sample) hasColumn(name string) bool {
	for _, v := range s.values {
		if _, ok := v[fold(name)]; !ok {
			return false
		}
	}
	return len(s.values) > 0
}

// keyFields returns the names of the fields that all keys have, sorted; none if the keys
// are not objects.
func (s *sample) keyFields(f KeyFormat) (names []string) {
	for i, k := range s.keys {
		if f.Window != NoWindow {
			k, _, _ = cutWindow(k, f.Window)
		}
		var p records.ValueParser
		v, _, err := p.Parse(k)
		if err != nil || v.Kind() != row.Map {
			return nil
		}
		if i == 0 {
			names = slices.Clone(v.Names())
			continue
		}
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(v.Names(), name) })
	}
	return names
}

// derive finds out where a side has the key and the window.
func (s *sample) derive(side string, format *KeyFormat, opt Options) (m Mapping, err error) {
	m.Format = guessKeyFormat(s.keys)
	if format != nil {
		m.Format = *format
	}
	var fields []string
	if m.Format.Key == JSONKey {
		fields = s.keyFields(m.Format)
	}
	if len(opt.Key) == 0 { // the record's key is the key
		switch {
		case len(fields) > 0:
			for _, name := range fields {
				m.Columns = append(m.Columns, KeyColumn{Name: name, InKey: true, Field: name})
			}
		case m.Format.Key != NoKey:
			m.Columns = append(m.Columns, KeyColumn{Name: "key", InKey: true})
		}
	}
	names := opt.Key
	for _, name := range names {
		c, err := s.column(side, name, fields, m.Format, len(names) == 1)
		if err != nil {
			return m, err
		}
		m.Columns = append(m.Columns, c)
		m.byKeyBytes = m.byKeyBytes || !c.InKey
	}
	m.window(s, opt)
	return m, nil
}

// column finds one column of the key. The record's key has precedence, because deletions
// have no value; but not if the value has the same column with other contents.
func (s *sample) column(side, name string, fields []string, f KeyFormat, isOnly bool) (KeyColumn, error) {
	inValue := s.hasColumn(name)
	at := slices.IndexFunc(fields, func(field string) bool { return fold(field) == fold(name) })
	switch {
	case at >= 0:
		return KeyColumn{Name: name, InKey: true, Field: fields[at]}, nil
	case isOnly && f.Key != NoKey && len(fields) == 0 && (!inValue || s.keyIsColumn(name, f)):
		return KeyColumn{Name: name, InKey: true}, nil
	case inValue:
		return KeyColumn{Name: name, Field: s.names[fold(name)]}, nil
	}
	return KeyColumn{}, fmt.Errorf("%s has no column %s: its keys are %s, with the fields %s; its values have the columns %s",
		side, name, f, listed(fields), listed(s.written()))
}

func listed(names []string) string {
	const most = 20
	if len(names) == 0 {
		return "(none)"
	}
	if len(names) > most {
		names = append(names[:most:most], "...")
	}
	return strings.Join(names, ", ")
}

// keyIsColumn reports whether the keys of the sample are the values of a column.
func (s *sample) keyIsColumn(name string, f KeyFormat) bool {
	var p decoder
	for _, r := range s.records {
		if r.Value == nil || len(r.Key) == 0 {
			continue
		}
		v, _, err := p.values.Parse(r.Value)
		if err != nil || v.Kind() != row.Map {
			continue
		}
		key := r.Key
		if f.Window != NoWindow {
			key, _, _ = cutWindow(key, f.Window)
		}
		text, err := p.keyText(f.Key, key)
		if i := slices.IndexFunc(v.Names(), func(n string) bool { return fold(n) == fold(name) }); err != nil || i < 0 || textOf(v.Elements()[i]) != text {
			return false
		}
	}
	return true
}

// window finds where the window is: in value columns that Options name, in the record's
// key, or in the file's line.
func (m *Mapping) window(s *sample, opt Options) {
	inLine := slices.ContainsFunc(s.records, func(r Record) bool { return r.Window != nil })
	switch {
	case m.Format.Window != NoWindow:
		m.hasWindow, m.hasEnd = true, m.Format.Window == SessionWindow
	case inLine:
		m.hasWindow, m.hasEnd = true, true
	case opt.WindowStart != "" && s.hasColumn(opt.WindowStart):
		m.hasWindow, m.Start = true, s.names[fold(opt.WindowStart)]
		m.byKeyBytes = true
	}
	if opt.WindowEnd != "" && !m.hasEnd && m.hasWindow && s.hasColumn(opt.WindowEnd) {
		m.End, m.hasEnd = s.names[fold(opt.WindowEnd)], true
	}
}
