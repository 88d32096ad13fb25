package gate

import (
	"fmt"
	"strings"
)

func gap(_ Policy, e Evidence) string {
	if e.Ledger.Gap == 0 {
		return ""
	}
	return fmt.Sprintf("the ledger is inconsistent: %s records are in no bucket, or in two", Thousands(e.Ledger.Gap))
}

func empty(_ Policy, e Evidence) string {
	if e.Ledger.Records() > 0 {
		return ""
	}
	return "no records: nothing was compared"
}

func v2Gone(_ Policy, e Evidence) string {
	switch {
	case e.V2Off:
		return "V2 is off, so nothing is compared"
	case e.Shed:
		return "V2 was shed: " + e.Detached
	case e.Detached != "":
		return "V2 was detached: " + e.Detached
	}
	return ""
}

func openLedger(_ Policy, e Evidence) string {
	pending := e.Ledger.Pending
	if e.Running {
		pending = 0 // they are on their way
	}
	var open []string
	for _, b := range []struct {
		name string
		n    int64
	}{
		{"pending", pending},
		{"v2_error", e.Ledger.V2Error},
		{"not_comparable", e.Ledger.NotComparable},
		{"shed", e.Ledger.Shed},
	} {
		if b.n > 0 {
			open = append(open, fmt.Sprintf("%s %s", Thousands(b.n), b.name))
		}
	}
	if len(open) == 0 {
		return ""
	}
	return "the ledger is not closed: " + strings.Join(open, ", ")
}

func noWork(_ Policy, e Evidence) string {
	want := e.Ledger.Compared + e.Ledger.Filtered - e.Uncounted
	processed := e.Processed()
	if e.V2Off || e.Detached != "" || processed == want || e.Running && processed > want {
		return ""
	}
	return fmt.Sprintf("V2's partitions processed %s records, and %s were compared or filtered: V2 did not do the work itself", Thousands(processed), Thousands(want))
}
