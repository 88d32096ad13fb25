package functions

import (
	"encoding/json"
	"strings"
	"testing"

	"parallax/processors/row"
)

// The walk over JSON text agrees with encoding/json, and no text makes a function
// of the registry panic.
func FuzzJSONText(f *testing.F) {
	f.Add(`{"a": [1, "x\u00e9", {"b" : null}], "a": 2}`, "$.a[1].b")
	f.Add(` [ [ ] , { } , "" , -1e5 ] `, `$["a"]`)
	f.Add(`"a`, "$")
	f.Add(strings.Repeat("[", 10_000), "$"+strings.Repeat("[0]", 1_000))
	f.Add(strings.Repeat(`{"a":`, 2_000), "$"+strings.Repeat(".a", 1_000))
	f.Add("\"\xff\x00\x1b[31m\"", "$.\xff")
	f.Fuzz(func(t *testing.T, text, path string) {
		for _, name := range []string{"JSON_KEYS", "JSON_RECORDS", "JSON_ITEMS", "JSON_ARRAY_LENGTH", "IS_JSON_STRING", "URL_EXTRACT_HOST", "URL_DECODE_PARAM", "INITCAP", "REVERSE"} {
			_, _ = Lookup(name).Eval([]row.Value{row.NewString(text)}, row.Of(row.String))
		}
		for _, name := range []string{"JSON_CONCAT", "URL_EXTRACT_PARAMETER", "JSON_ARRAY_CONTAINS", "POSITION", "INSTR", "STARTS_WITH"} {
			_, _ = Lookup(name).Eval([]row.Value{row.NewString(text), row.NewString(path)}, row.Of(row.String))
		}
		value, ok := wholeJSON(text)
		if !ok {
			return
		}
		if steps, ok := parsePath(path); ok {
			if at, found := follow(value, steps); found && !json.Valid([]byte(at)) {
				t.Errorf("%s of %s is %q", path, text, at)
			}
		}
		var fields map[string]json.RawMessage
		if jsonKind(value) == '{' && json.Unmarshal([]byte(value), &fields) == nil {
			seen := map[string]string{}
			eachField(value, func(name, v string) { seen[jsonText(name)] = v })
			if len(seen) != len(fields) {
				t.Errorf("%s has %d fields, walked %d", text, len(fields), len(seen))
			}
			for name, v := range fields {
				if seen[name] != string(v) {
					t.Errorf("%s: field %q is %s, walked %q", text, name, v, seen[name])
				}
			}
		}
		var elements []json.RawMessage
		if jsonKind(value) == '[' && json.Unmarshal([]byte(value), &elements) == nil {
			n := 0
			eachElement(value, func(v string) bool {
				if n >= len(elements) || v != string(elements[n]) {
					t.Errorf("%s: element %d is %q", text, n, v)
					return false
				}
				n++
				return true
			})
			if n != len(elements) {
				t.Errorf("%s has %d elements, walked %d", text, len(elements), n)
			}
		}
	})
}
