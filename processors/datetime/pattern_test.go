package datetime

import (
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, ok := Zone(name)
	if !ok {
		t.Fatalf("no zone %s", name)
	}
	return loc
}

// The expected texts follow the documentation of java.time.format.DateTimeFormatter.
func TestPatternsWriteAsJavaDoes(t *testing.T) {
	at := time.Date(2026, 3, 5, 15, 4, 9, 78_000_000, zone(t, "America/Los_Angeles"))
	for pattern, want := range map[string]string{
		"yyyy-MM-dd HH:mm:ss.SSS": "2026-03-05 15:04:09.078",
		"yy y u yyyyy":            "26 2026 2026 02026",
		"d/M/D DDD":               "5/3/64 064",
		"MMM MMMM MMMMM":          "Mar March M",
		"EEE EEEE, Q QQQ QQQQ":    "Thu Thursday, 1 Q1 1st quarter",
		"h:mm a K k H":            "3:04 PM 3 15 15",
		"G GGGG":                  "AD Anno Domini",
		"S SS SSSSSS n A":         "0 07 078000 78000000 54249078",
		"X XX XXX x Z ZZZZ ZZZZZ": "-08 -0800 -08:00 -08 -0800 GMT-08:00 -08:00",
		"O OOOO VV z":             "GMT-8 GMT-08:00 America/Los_Angeles PST",
		"yyyy-MM-dd'T'HH''mm":     "2026-03-05T15'04",
		"yyyy[-MM[-dd]]":          "2026-03-05",
		"F":                       "5",
	} {
		p, err := Compile(pattern)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := string(p.AppendFormat(nil, at)); got != want {
			t.Errorf("%s gives %q, want %q", pattern, got, want)
		}
	}
}

func TestOffsetsOfUTC(t *testing.T) {
	p, err := Compile("X x xxx Z ZZZZZ O VV")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(p.AppendFormat(nil, time.Unix(0, 0).UTC())), "Z +00 +00:00 +0000 Z GMT UTC"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPatternsRead(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{"yyyy-MM-dd", "2026-03-05", "2026-03-05T00:00:00Z"},
		{"yyyyMMddHHmmssSSS", "20260305150409078", "2026-03-05T15:04:09.078Z"},
		{"yMMdd", "20260305", "2026-03-05T00:00:00Z"},
		{"yy-M-d", "26-3-5", "2026-03-05T00:00:00Z"},
		{"yyyy-MM-dd", "2021-06-31", "2021-06-30T00:00:00Z"},
		{"yyyy-MM-dd", "2021-02-31", "2021-02-28T00:00:00Z"},
		{"d MMM yyyy, h:mm a", "5 mar 2026, 12:30 am", "2026-03-05T00:30:00Z"},
		{"EEEE, d MMMM yyyy", "Thursday, 5 MARCH 2026", "2026-03-05T00:00:00Z"},
		{"yyyy-DDD", "2024-366", "2024-12-31T00:00:00Z"},
		{"yyyy-MM-dd HH:mm[:ss]", "2026-03-05 15:04", "2026-03-05T15:04:00Z"},
		{"yyyy-MM-dd HH:mm[:ss]", "2026-03-05 15:04:09", "2026-03-05T15:04:09Z"},
		{"yyyy-MM-dd'T'HH:mmX", "2026-03-05T15:04+01", "2026-03-05T14:04:00Z"},
		{"yyyy-MM-dd'T'HH:mmXXX", "2026-03-05T15:04Z", "2026-03-05T15:04:00Z"},
		{"yyyy-MM-dd HH:mm VV", "2026-07-05 15:04 Europe/Paris", "2026-07-05T13:04:00Z"},
		{"HH:mm", "23:59", "1970-01-01T23:59:00Z"},
		{"kk:mm", "24:15", "1970-01-01T00:15:00Z"},
		{"yyyy G", "0044 BC", "-0043-01-01T00:00:00Z"},
	} {
		p, err := Compile(c.pattern)
		if err != nil {
			t.Error(err)
			continue
		}
		got, ok := p.Parse(c.text, time.UTC)
		if text := got.UTC().Format("2006-01-02T15:04:05.999Z07:00"); !ok || text != c.want {
			t.Errorf("%s reads %q as %s (%v), want %s", c.pattern, c.text, text, ok, c.want)
		}
	}
}

func TestTextsThatDoNotFollowTheirPattern(t *testing.T) {
	for _, c := range []struct{ pattern, text string }{
		{"yyyy-MM-dd", "26-03-05"},
		{"yyyy-MM-dd", "2026-3-05"},
		{"yyyy-MM-dd", "2026-13-05"},
		{"yyyy-MM-dd", "2026-03-32"},
		{"yyyy-MM-dd", "2026-03-05 "},
		{"yyyy-MM-dd", ""},
		{"yyyy-DDD", "2023-366"},
		{"EEE yyyy-MM-dd", "Fri 2026-03-05"},
		{"HH:mm", "24:00"},
		{"HH:mm", "12:60"},
		{"H a h", "3 PM 3"},
		{"VV", "Nowhere/Town"},
		{"XXX", "+0100"},
		{"yyyy", "99999"},
	} {
		p, err := Compile(c.pattern)
		if err != nil {
			t.Error(err)
			continue
		}
		if got, ok := p.Parse(c.text, time.UTC); ok {
			t.Errorf("%s reads %q as %s", c.pattern, c.text, got)
		}
	}
}

func TestPatternsThatAreNone(t *testing.T) {
	for _, pattern := range []string{"YYYY", "w", "'open", "a]", "ddd", "HHH", "{", "SSSSSSSSSS", "V", "zzzz", "b"} {
		if _, err := Compile(pattern); err == nil {
			t.Errorf("%s is taken", pattern)
		}
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for _, pattern := range []string{"yyyy-MM-dd HH:mm:ss.SSS", "yyyyMMddHHmmssSSS", "d MMMM u h:m:s a n", "yyyy-DDD A", "uuuu-MM-dd'T'HH:mm:ss.SSSXXXXX"} {
		p, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, ms := range []int64{0, 1, 951_782_399_999, 1_700_000_000_123, -1, -62_135_596_800_000, 253_402_300_799_999} {
			text := string(p.AppendFormat(nil, time.UnixMilli(ms).UTC()))
			if got, ok := p.Parse(text, time.UTC); !ok || got.UnixMilli() != ms {
				t.Errorf("%s: %d is written %q and read as %d (%v)", pattern, ms, text, got.UnixMilli(), ok)
			}
		}
	}
}
