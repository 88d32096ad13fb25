package generate

import (
	"encoding/json"
	"strings"

	"parallax/processors/sql"
)

// propertyOf returns a property of a source, "" if it is not set.
func propertyOf(s *sql.CreateSource, name string) string {
	for _, p := range s.With {
		if p.Name.Text == name {
			return p.Value
		}
	}
	return ""
}

// valueOf returns the function that writes a source's records: as an object, as fields in
// the order of its columns, or as a single value.
func valueOf(s *sql.CreateSource) func(*Record) string {
	switch {
	case propertyOf(s, "VALUE_FORMAT") == "DELIMITED":
		delimiter := propertyOf(s, "VALUE_DELIMITER")
		if delimiter == "" {
			delimiter = ","
		}
		return func(r *Record) string {
			var values []string
			for _, f := range r.Fields {
				values = append(values, f.Value)
			}
			return delimited(values, delimiter)
		}
	case propertyOf(s, "VALUE_FORMAT") == "KAFKA", propertyOf(s, "WRAP_SINGLE_VALUE") == "false":
		return func(r *Record) string {
			if len(r.Fields) == 0 {
				return "null"
			}
			return r.Fields[0].Value
		}
	}
	return (*Record).object
}

// named reports whether the fields of a source's records have names.
func named(s *sql.CreateSource) bool {
	format := propertyOf(s, "VALUE_FORMAT")
	return (format == "" || format == "JSON") && propertyOf(s, "WRAP_SINGLE_VALUE") != "false"
}

// delimited writes JSON values as DELIMITED: NULL is an empty field, and texts are quoted
// if necessary.
func delimited(values []string, delimiter string) string {
	var fields []string
	for _, v := range values {
		var text string
		switch err := json.Unmarshal([]byte(v), &text); {
		case v == "null":
			v = ""
		case err == nil:
			if v = text; text == "" || strings.ContainsAny(text, delimiter+"\"\n") {
				v = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
			}
		case strings.ContainsAny(v, delimiter+`"`):
			v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
		}
		fields = append(fields, v)
	}
	return strings.Join(fields, delimiter)
}
