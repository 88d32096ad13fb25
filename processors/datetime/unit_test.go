package datetime

import (
	"math"
	"testing"
	"time"
)

func ms(t *testing.T, text string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMilli()
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		unit             string
		from             string
		n                int64
		sum, start, back string
	}{
		{"MONTH", "2024-01-31T10:00:00Z", 1, "2024-02-29T10:00:00Z", "2024-01-01T00:00:00Z", "2024-01-29T10:00:00Z"},
		{"years", "2024-02-29T10:00:00Z", -1, "2023-02-28T10:00:00Z", "2024-01-01T00:00:00Z", "2024-02-28T10:00:00Z"},
		{"Quarter", "1969-12-31T23:00:00Z", 1, "1970-03-31T23:00:00Z", "1969-10-01T00:00:00Z", "1969-12-31T23:00:00Z"},
		{"WEEK", "1969-12-31T23:00:00Z", 2, "1970-01-14T23:00:00Z", "1969-12-29T00:00:00Z", "1969-12-31T23:00:00Z"},
		{"DAYS", "1970-01-01T01:00:00Z", -1, "1969-12-31T01:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z"},
	} {
		u, ok := UnitNamed(c.unit)
		if !ok {
			t.Fatalf("no unit %s", c.unit)
		}
		from := ms(t, c.from)
		sum, ok := u.Add(from, c.n)
		if !ok || sum != ms(t, c.sum) {
			t.Errorf("%s + %d %s = %s", c.from, c.n, c.unit, time.UnixMilli(sum).UTC())
		}
		if start, ok := u.Truncate(from); !ok || start != ms(t, c.start) {
			t.Errorf("%s to the %s: %s", c.from, c.unit, time.UnixMilli(start).UTC())
		}
		if back, _ := u.Add(sum, -c.n); back != ms(t, c.back) {
			t.Errorf("%s + %d - %[2]d %s = %s", c.from, c.n, c.unit, time.UnixMilli(back).UTC())
		}
	}
	if _, ok := UnitNamed("FORTNIGHT"); ok {
		t.Error("FORTNIGHT is a unit")
	}
	if _, ok := units["DAY"].Add(0, 1<<60); ok {
		t.Error("a day too far is in range")
	}
}

func TestBetweenCountsWholeUnits(t *testing.T) {
	for _, c := range []struct {
		unit, from, to string
		want           int64
	}{
		{"MONTH", "2024-01-31T00:00:00Z", "2024-02-28T00:00:00Z", 0},
		{"MONTH", "2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z", 0},
		{"MONTH", "2024-02-29T00:00:00Z", "2024-01-31T00:00:00Z", 0},
		{"YEAR", "2020-03-01T00:00:00Z", "2024-02-29T23:00:00Z", 3},
		{"DAY", "2024-01-01T12:00:00Z", "2024-01-03T11:00:00Z", 1},
		{"HOUR", "2024-01-03T11:30:00Z", "2024-01-03T10:00:00Z", -1},
	} {
		u, _ := UnitNamed(c.unit)
		if got, ok := u.Between(ms(t, c.from), ms(t, c.to)); !ok || got != c.want {
			t.Errorf("%ss from %s to %s: %d, want %d", c.unit, c.from, c.to, got, c.want)
		}
	}
}

// The expected values are from java.time (Java 17), ZonedDateTime.truncatedTo and
// ChronoUnit.between. Where Java throws an ArithmeticException, no result is expected.
func TestUnitsAtTheEndsOf64Bits(t *testing.T) {
	for _, c := range []struct {
		ms    int64
		unit  string
		start int64 // 0: none
	}{
		{math.MinInt64, "DAY", 0},
		{math.MinInt64, "WEEK", 0},
		{math.MinInt64, "MONTH", 0},
		{math.MinInt64, "YEAR", 0},
		{math.MinInt64, "MILLISECOND", math.MinInt64},
		{math.MaxInt64, "DAY", 9223372036828800000},
		{math.MaxInt64, "WEEK", 9223372036310400000},
		{math.MaxInt64, "MONTH", 9223372035446400000},
		{math.MaxInt64, "YEAR", 9223372017129600000},
		{-9223372002294775808, "WEEK", -9223372002355200000},
		{-9223372002294775808, "YEAR", -9223372017043200000},
	} {
		u, _ := UnitNamed(c.unit)
		start, ok := u.Truncate(c.ms)
		if ok != (c.start != 0) || ok && start != c.start {
			t.Errorf("%d to the %s: %d, %v", c.ms, c.unit, start, ok)
		}
	}
	for _, c := range []struct {
		unit     string
		from, to int64
		want     int64 // 0: none
	}{
		{"MILLISECOND", math.MinInt64, math.MaxInt64, 0},
		{"MILLISECOND", math.MinInt64, 0, 0},
		{"MILLISECOND", 0, math.MaxInt64, math.MaxInt64},
		{"SECOND", math.MinInt64, math.MaxInt64, 18446744073709551},
		{"DAY", math.MinInt64, math.MaxInt64, 213503982334},
		{"DAY", math.MaxInt64, math.MinInt64, -213503982334},
		{"WEEK", math.MinInt64, math.MaxInt64, 30500568904},
		{"MONTH", math.MinInt64, math.MaxInt64, 7014648591},
		{"YEAR", math.MaxInt64, math.MinInt64, -584554049},
		{"YEAR", -185542587100800000, 0, 5879610},
	} {
		u, _ := UnitNamed(c.unit)
		got, ok := u.Between(c.from, c.to)
		if ok != (c.want != 0) || ok && got != c.want {
			t.Errorf("%ss from %d to %d: %d, %v", c.unit, c.from, c.to, got, ok)
		}
	}
}
