// Package schedule makes reports for the windows of a schedule: which windows are due and have
// no report is found from the store, not from a timer, so that nights during which nothing ran
// are caught up and none has two reports.
//
// Stability: ours.
package schedule

import (
	"errors"
	"fmt"
	"time"

	"parallax/reports/delivery"
	"parallax/reports/store"
)

// Config is `reports:`, the reports that a running job makes.
type Config struct {
	// Dir is the folder for reports; its path is relative to the job file.
	Dir string `koanf:"dir"`
	// Schedule says when reports are made, as in cron: minute, hour, day of the month, month
	// and day of the week. Without it reports are made only by the command report.
	Schedule string `koanf:"schedule"`
	// TimeZone is the time zone of the schedule and of the times in reports, such as
	// Europe/Berlin.
	TimeZone string `koanf:"time_zone"`
	// Keep is how long reports are kept, in days (90d) or as a duration.
	Keep store.Period `koanf:"keep"`
	// Deliver are the receivers of reports, besides the folder.
	Deliver []delivery.Config `koanf:"deliver"`
}

// DefaultConfig returns the defaults: no schedule.
func DefaultConfig() Config {
	return Config{Dir: "./reports", TimeZone: "UTC", Keep: store.Period(90 * day)}
}

const day = 24 * time.Hour

// Validate returns an error that begins with the key that is wrong.
func (c Config) Validate() error {
	if c.Dir == "" {
		return errors.New("reports.dir: it must not be empty: name the folder for reports")
	}
	if c.Keep < store.Period(day) {
		return fmt.Errorf("reports.keep: %s must be at least a day", c.Keep)
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "Local" {
		return fmt.Errorf("reports.time_zone: %q is not a time zone such as UTC or Europe/Berlin", c.TimeZone)
	}
	if c.Schedule != "" {
		if _, err := newCalendar(c.Schedule, c.TimeZone); err != nil {
			return fmt.Errorf("reports.schedule: %w", err)
		}
	}
	for i, d := range c.Deliver {
		if err := d.Validate(); err != nil {
			return fmt.Errorf("reports.deliver: element %d: %w", i+1, err)
		}
	}
	return nil
}
