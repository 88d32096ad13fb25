package datetime

import (
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
		if start := u.Truncate(from); start != ms(t, c.start) {
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
		{"MONTH", "2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z", 1},
		{"MONTH", "2024-02-29T00:00:00Z", "2024-01-31T00:00:00Z", -1},
		{"YEAR", "2020-03-01T00:00:00Z", "2024-02-29T23:00:00Z", 3},
		{"DAY", "2024-01-01T12:00:00Z", "2024-01-03T11:00:00Z", 1},
		{"HOUR", "2024-01-03T11:30:00Z", "2024-01-03T10:00:00Z", -1},
	} {
		u, _ := UnitNamed(c.unit)
		if got := u.Between(ms(t, c.from), ms(t, c.to)); got != c.want {
			t.Errorf("%ss from %s to %s: %d, want %d", c.unit, c.from, c.to, got, c.want)
		}
	}
}
