package row_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"parallax/processors/row"
)

func TestWhatIsWrongWithJSONIsSaidInWords(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":tru}`:        `invalid JSON at byte 9: "}" is not allowed there`,
		`x`:                `invalid JSON at byte 1: "x" is not allowed there`,
		`{"a":1} junk`:     `invalid JSON at byte 9: "j" is not allowed there`,
		`{"a":"\x"}`:       `invalid JSON at byte 8: "x" is not allowed there`,
		"{\"a\":\"\x01\"}": `invalid JSON at byte 7: "\x01" is not allowed there`,
		`{"a":1`:           `invalid JSON at byte 6: unexpected end`,
		`"a`:               `invalid JSON at byte 2: unexpected end`,
		``:                 `invalid JSON at byte 0: unexpected end`,
	} {
		var v any
		err := json.Unmarshal([]byte(text), &v)
		if err == nil {
			t.Fatalf("%s is JSON", text)
		}
		if got := row.JSONError([]byte(text), err).Error(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		err = json.NewDecoder(bytes.NewReader([]byte(text))).Decode(&v)
		if err == nil {
			continue // the first value of several
		}
		if got := row.JSONError([]byte(text), err).Error(); strings.Contains(got, "looking for") || strings.Contains(got, "EOF") || strings.Contains(got, "character") {
			t.Errorf("%s, by a decoder: %s", text, got)
		}
	}
}
