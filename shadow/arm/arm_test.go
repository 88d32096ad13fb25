package arm_test

import (
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors"
	"parallax/shadow/arm"
)

func TestWhatAnArmDoesNotGiveLimitsTheLevel(t *testing.T) {
	all := processors.Capabilities{Cause: true, Dispositions: true, Order: true, PortableState: true}
	without := func(take func(*processors.Capabilities)) processors.Capabilities {
		c := all
		take(&c)
		return c
	}
	for _, c := range []struct {
		name  string
		gives processors.Capabilities
		want  diff.Level
		why   string
	}{
		{"all", all, diff.E1, ""},
		{"no portable state", without(func(c *processors.Capabilities) { c.PortableState = false }), diff.E1, ""},
		{"no order", without(func(c *processors.Capabilities) { c.Order = false }), diff.E2, "its rows are not in the total order"},
		{"no dispositions", without(func(c *processors.Capabilities) { c.Dispositions = false }), diff.E3r, "it does not return each record's disposition"},
		{"no causes", without(func(c *processors.Capabilities) { c.Cause = false }), diff.E4, "its rows do not name the records that caused them"},
		{"rows only", processors.Capabilities{}, diff.E4, "its rows do not name the records that caused them"},
	} {
		if got := arm.HighestLevel(c.gives); got != c.want {
			t.Errorf("%s: the highest level is %s, want %s", c.name, got, c.want)
		}
		for level := diff.E4; level <= diff.E1; level++ {
			err := arm.Check("V2 (mine)", c.gives, level)
			if (err != nil) != (level > c.want) {
				t.Errorf("%s at %s: %v", c.name, level, err)
			}
			if err != nil && !strings.Contains(err.Error(), "V2 (mine) cannot be compared at "+level.String()+", which diff.require_level demands: "+c.why) {
				t.Errorf("%s at %s: %v", c.name, level, err)
			}
		}
		if err := arm.Check("V2", c.gives, diff.None); (err != nil) != (c.want < diff.E1) {
			t.Errorf("%s at the default: %v", c.name, err)
		}
		if lost := arm.Lost(all, c.gives); (lost != nil) != (c.want < diff.E1) || arm.Lost(c.gives, all) != nil {
			t.Errorf("%s: lost %v", c.name, lost)
		}
	}
}
