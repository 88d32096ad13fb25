package schedule

import (
	"strings"
	"testing"
	"time"

	"parallax/reports/delivery"
	"parallax/reports/store"
)

func moments(t *testing.T, schedule, zone, after, now string) (list []string) {
	t.Helper()
	c, err := newCalendar(schedule, zone)
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, w := range c.due(at(after), at(now)) {
		list = append(list, w.from.Format("02T15:04")+" "+w.to.Format("02T15:04"))
	}
	return list
}

func TestEachNightHasOneWindowWhateverTheClocksDo(t *testing.T) {
	for name, c := range map[string]struct{ schedule, zone, after, now, want string }{
		"UTC":                 {"17 3 * * *", "UTC", "2026-11-01T03:17:00Z", "2026-11-04T03:17:00Z", "01T03:17 02T03:17, 02T03:17 03T03:17, 03T03:17 04T03:17"},
		"not yet":             {"17 3 * * *", "UTC", "2026-11-01T03:17:00Z", "2026-11-02T03:16:59Z", ""},
		"spring":              {"17 3 * * *", "Europe/Berlin", "2026-03-28T02:17:00Z", "2026-03-30T02:00:00Z", "28T02:17 29T01:17, 29T01:17 30T01:17"},
		"a skipped reading":   {"30 2 * * *", "Europe/Berlin", "2026-03-28T01:30:00Z", "2026-03-30T02:00:00Z", "28T01:30 29T01:30, 29T01:30 30T00:30"},
		"autumn":              {"17 3 * * *", "Europe/Berlin", "2026-10-24T01:17:00Z", "2026-10-26T03:00:00Z", "24T01:17 25T02:17, 25T02:17 26T02:17"},
		"a repeated reading":  {"30 2 * * *", "Europe/Berlin", "2026-10-24T00:30:00Z", "2026-10-26T03:00:00Z", "24T00:30 25T01:30, 25T01:30 26T01:30"},
		"each hour in spring": {"0 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", "29T00:00 29T01:00, 29T01:00 29T02:00, 29T02:00 29T03:00"},
		"half an hour":        {"17 3 * * *", "Australia/Lord_Howe", "2026-04-03T16:17:00Z", "2026-04-05T17:00:00Z", "03T16:17 04T16:47, 04T16:47 05T16:47"},
		"a day that was not":  {"0 12 * * *", "Pacific/Apia", "2011-12-28T22:00:00Z", "2011-12-31T00:00:00Z", "28T22:00 29T22:00, 29T22:00 30T22:00"},
		"each week":           {"0 6 * * 1", "UTC", "2026-11-05T00:00:00Z", "2026-11-17T00:00:00Z", "02T06:00 09T06:00, 09T06:00 16T06:00"},
		"each leap day":       {"0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-03-01T00:00:00Z", "29T00:00 29T00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(moments(t, c.schedule, c.zone, c.after, c.now), ", "); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// TestNoNightIsSkippedAndNoneHasTwo over three years in zones whose clocks change.
func TestNoNightIsSkippedAndNoneHasTwo(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"} {
		for _, at := range []string{"0 0 * * *", "30 1 * * *", "17 2 * * *", "59 2 * * *", "0 3 * * *", "30 23 * * *"} {
			c, err := newCalendar(at, zone)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Date(2025, 1, 1, 12, 0, 0, 0, c.location)
			list := c.due(start, start.AddDate(3, 0, 0))
			if len(list) != 365*3 {
				t.Errorf("%s in %s: %d windows in three years of 1,095 nights", at, zone, len(list))
			}
			for i := 1; i < len(list); i++ {
				if d := list[i].to.Sub(list[i].from); list[i].from != list[i-1].to || d < 22*time.Hour || d > 26*time.Hour {
					t.Errorf("%s in %s: window %s to %s after one that ends %s", at, zone, list[i].from, list[i].to, list[i-1].to)
				}
			}
		}
	}
}

func TestAConfigThatCannotBeUsedIsRefused(t *testing.T) {
	hook := delivery.Config{Webhook: "https://example.com/x"}
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no schedule":    {func(c *Config) { c.Schedule = "each night" }, `reports.schedule: "each night" is not a schedule`},
		"@every":         {func(c *Config) { c.Schedule = "@every 5m" }, "has no times of the day"},
		"never":          {func(c *Config) { c.Schedule = "0 0 31 2 *" }, "never comes"},
		"a zone in it":   {func(c *Config) { c.Schedule = "CRON_TZ=Asia/Tokyo 0 3 * * *" }, "use reports.time_zone"},
		"the zone":       {func(c *Config) { c.TimeZone = "Berlin" }, `reports.time_zone: "Berlin"`},
		"this machine's": {func(c *Config) { c.TimeZone = "Local" }, "reports.time_zone"},
		"keep":           {func(c *Config) { c.Keep = store.Period(time.Hour) }, "reports.keep: 1h0m0s must be at least a day"},
		"dir":            {func(c *Config) { c.Dir = "" }, "reports.dir"},
		"two receivers":  {func(c *Config) { c.Deliver = []delivery.Config{hook, {}} }, "reports.deliver: element 2: set either"},
	} {
		cfg := DefaultConfig()
		cfg.Schedule = "17 3 * * *"
		if err := cfg.Validate(); err != nil {
			t.Fatal(err)
		}
		c.change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestNightsAreTheWindowsOfReports: without a schedule they are days in the time zone. The last
// one may not be over.
func TestNightsAreTheWindowsOfReports(t *testing.T) {
	for name, c := range map[string]struct{ schedule, zone, want string }{
		"days":       {"", "UTC", "28T00:00 29T00:00, 29T00:00 30T00:00"},
		"in a zone":  {"", "Europe/Berlin", "27T23:00 28T23:00, 28T23:00 29T22:00"},
		"a schedule": {"17 3 * * *", "Europe/Berlin", "28T02:17 29T01:17"},
		"each week":  {"0 6 * * 1", "UTC", "23T06:00 30T06:00"},
	} {
		cfg := DefaultConfig()
		cfg.Schedule, cfg.TimeZone = c.schedule, c.zone
		list, err := cfg.Nights(time.Date(2026, 3, 28, 2, 17, 0, 0, time.UTC), time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range list {
			got = append(got, w.From.Format("02T15:04")+" "+w.To.Format("02T15:04"))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %s, want %s", name, strings.Join(got, ", "), c.want)
		}
	}
}
