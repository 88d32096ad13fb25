package gate

import "fmt"

func fewRecords(p Policy, e Evidence) []finding {
	return atLeast("records", e.Ledger.Compared+e.Ledger.Filtered, p.MinRecords, "gate.min_records", recordRate(e))
}

func mostlyLate(p Policy, e Evidence) string {
	records := e.Ledger.Compared + e.Ledger.Filtered
	if records == 0 || float64(e.Late) <= p.MaxLate*float64(records) {
		return ""
	}
	return fmt.Sprintf("%s of %s records (%.3g %%) came too late for every window, and gate.max_late allows %.3g %%: both paths dropped them",
		Thousands(e.Late), Thousands(records), 100*float64(e.Late)/float64(records), 100*p.MaxLate)
}

func shortTime(p Policy, e Evidence) string {
	want, auto, err := p.minEventTime()
	if err != nil {
		return err.Error()
	}
	if auto {
		want = 0
		if e.WindowSize > 0 {
			want = ms(2*e.WindowSize + min(e.Lateness, e.WindowGrace))
		}
	}
	if have := ms(e.EventSpan); have < want {
		return fmt.Sprintf("event time spans %v between its 1 %% and 99 %% quantiles, and %v are required", have, want)
	}
	return ""
}

func lagging(_ Policy, e Evidence) string {
	if !e.LagGrowing {
		return ""
	}
	return "V1 does not keep up with its input: its lag has grown over the last minutes"
}
