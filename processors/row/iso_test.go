package row_test

import (
	"testing"

	"parallax/processors/row"
)

// The moments are Python's datetime.fromisoformat, which reads both formats of ISO 8601.
func TestISOTextsAreTimes(t *testing.T) {
	const refused = -1
	for text, want := range map[string]int64{
		"2024-01-02":                    1704153600000,
		"20240102":                      1704153600000,
		"2024-01-02T03:04":              1704164640000,
		"2024-01-02 03:04:05":           1704164645000,
		"2024-01-02T03:04:05.678901Z":   1704164645678,
		"2024-01-02T03:04:05+01:30":     1704159245000,
		"2024-01-02T03:04:05-0130":      1704170045000,
		"2024-01-02 03:04+00":           1704164640000,
		"2024-01-02 03:04:05.5-11":      1704204245500,
		"20240102T030405":               1704164645000,
		"20240102T030405.678Z":          1704164645678,
		"20240102T030405+01":            1704161045000,
		"2024-01-02T03:04:05+18:00":     1704099845000,
		"2024-01-02T03:04:05-18:00":     1704229445000,
		"2024-01-02T03:04:05+18:01":     refused,
		"2024-01-02T03:04:05+19:00":     refused,
		"2024-01-02T03:04:05-1900":      refused,
		"20240102T030405+19":            refused,
		"":                              refused,
		"2024":                          refused,
		"2024-01-02T":                   refused,
		"2024-01-02T03":                 refused,
		"2024-01-02T03:04:05+1":         refused,
		"2024-01-02T03:04:05+":          refused,
		"2024-01-02T03:04:05ZZ":         refused,
		"2024-01-02T030405":             refused,
		"20240102T03:04:05":             refused,
		"20240102T0304":                 refused,
		"20240102 030405":               refused,
		"20241302":                      refused,
		"+2024010":                      refused,
		"2024-01-02T03:04:05+01:00:00x": refused,
	} {
		ms, ok := row.ParseTimestamp(text)
		if !ok {
			ms = refused
		}
		if ms != want {
			t.Errorf("%q is %d, want %d", text, ms, want)
		}
	}
}
