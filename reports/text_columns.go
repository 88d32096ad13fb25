package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// strata says how many rows of each stratum were compared.
func (t *text) strata(counts map[string]int64) {
	if len(counts) == 0 {
		return
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, gate.Thousands(counts[name])+" "+name)
	}
	t.wrapped("strata                        ", strings.Join(list, ", "))
}

// columns lists the columns in which rows differ. The JSON has all columns.
func (t *text) columns(list []evidence.Column) {
	for _, c := range list {
		if c.Same == c.Rows {
			continue
		}
		var parts []string
		for _, of := range []struct {
			n    int64
			what string
		}{
			{c.Differ, "differ"},
			{c.Type, "in type only"},
			{c.NullV1Only, "NULL in V1 only"},
			{c.NullV2Only, "NULL in V2 only"},
			{c.Tolerated, "tolerated"},
		} {
			if of.n > 0 {
				parts = append(parts, gate.Thousands(of.n)+" "+of.what)
			}
		}
		t.wrapped(fmt.Sprintf("  column %s.%s  ", c.Topic, c.Name),
			fmt.Sprintf("%s of %s values are the same (%.3g %%); %s", gate.Thousands(c.Same), gate.Thousands(c.Rows), 100*float64(c.Same)/float64(c.Rows), strings.Join(parts, ", ")))
	}
}
