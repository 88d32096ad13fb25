package datetime

import (
	"bufio"
	"bytes"
	"fmt"
	"testing"
	"time"
)

// TestDifferencesAreJavas compares the number of whole units between two times with the
// results of java.time, for every unit.
func TestDifferencesAreJavas(t *testing.T) {
	lines, wrong := 0, map[string]int{}
	for in := bufio.NewScanner(bytes.NewReader(javaTable(t, "DateDifferences.java"))); in.Scan(); lines++ {
		var name string
		var from, to, want int64
		if n, err := fmt.Sscan(in.Text(), &name, &from, &to, &want); n != 4 {
			t.Fatalf("%q: %v", in.Text(), err)
		}
		unit, ok := UnitNamed(name)
		if !ok {
			t.Fatalf("no unit %s", name)
		}
		if got, ok := unit.Between(from, to); got != want || !ok {
			if wrong[name]++; wrong[name] <= 3 {
				t.Errorf("%s from %s to %s: %d, and %d in Java", name, shown(from), shown(to), got, want)
			}
		}
	}
	if lines < 180_000 {
		t.Errorf("Java's table has %d lines: too few", lines)
	}
}

// Differences that end at the end of a month, checked without Java.
func TestAMonthIsWholeWhenItsDayIsReached(t *testing.T) {
	for _, c := range []struct {
		unit, from, to string
		want           int64
	}{
		{"MONTH", "2024-01-31", "2024-02-29", 0},
		{"MONTH", "2024-01-31", "2024-03-31", 2},
		{"MONTH", "2024-01-31", "2024-04-30", 2},
		{"MONTH", "2024-04-30", "2024-01-31", -2},
		{"YEAR", "2024-02-29", "2025-02-28", 0},
		{"YEAR", "2025-02-28", "2024-02-29", 0},
		{"QUARTER", "2024-01-31", "2024-04-30", 0},
	} {
		unit, _ := UnitNamed(c.unit)
		from, _ := time.Parse(time.DateOnly, c.from)
		to, _ := time.Parse(time.DateOnly, c.to)
		if got, ok := unit.Between(from.UnixMilli(), to.UnixMilli()); got != c.want || !ok {
			t.Errorf("%s from %s to %s: %d, want %d", c.unit, c.from, c.to, got, c.want)
		}
	}
}

func shown(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000") }
