package datetime

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestZonesAreWrittenAsJavaDoes compares the texts of zones, and of F, with a table made by
// java.time.
func TestZonesAreWrittenAsJavaDoes(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(javaTable(t, "ZoneTexts.java"))), "\n")
	if len(lines) < 500 {
		t.Fatalf("the table has %d lines", len(lines))
	}
	for _, line := range lines {
		f := strings.Split(line, "|")
		loc, ok := Zone(f[0])
		if !ok {
			t.Errorf("zone %s is not known", f[0])
			continue
		}
		p, err := Compile(f[1])
		if err != nil {
			t.Fatal(err)
		}
		at, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(p.AppendFormat(nil, time.UnixMilli(at).In(loc))); got != f[3] {
			t.Errorf("%s in zone %s at %d: %q, Java writes %q", f[1], f[0], at, got, f[3])
		}
	}
}

// TestLettersThatAreNotSupportedAreRefused: those that depend on a locale, and padding.
func TestLettersThatAreNotSupportedAreRefused(t *testing.T) {
	for _, pattern := range []string{"Y", "YYYY-ww", "w", "W", "e", "c", "ppH", "B", "zzzz", "v"} {
		if _, err := Compile(pattern); err == nil {
			t.Errorf("%s is accepted", pattern)
		}
	}
}
