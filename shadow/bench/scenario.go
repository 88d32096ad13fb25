package bench

import (
	"fmt"
	"strings"

	"parallax/diff"
	"parallax/shadow/workload"
)

// scenario is a query and the data that it runs on.
type scenario struct {
	id, title, sql string
	topics         []string
	level          diff.Level
	data           *workload.Scenario
	// floor is the hand-written loop, nil if there is none.
	floor run
	// polled creates the floor for an input that is polled from a broker, nil if there is
	// none.
	polled func() polledFloor
	// records is the fixed number of records; 0: the requested number.
	records int
	// mainOnly: the scenario is measured at one batch size, because it has no bar or too
	// few records.
	mainOnly bool
	// rows returns the expected number of rows of a path if it is known in advance and
	// differs between paths; nil compares the paths with one another.
	rows func(p *path, in *Input) int
}

// variant is a change to a workload's scenario.
type variant struct {
	id, title string
	sql       func(string) string
}

// doubles has prices as DOUBLE, and no floor.
var doubles = variant{"-double", ", prices as DOUBLE", func(sql string) string {
	return strings.ReplaceAll(sql, "DECIMAL(10, 2)", "DOUBLE")
}}

// scenarios are all scenarios in the order in which they run. To add one, add it to
// workload's scenarios, its floor to floors, and a line here.
var scenarios = []struct {
	workload string
	variant  variant
	small    bool
	// unbarred has a floor, and no bar.
	unbarred bool
}{
	{workload: "0"},
	{workload: "1"},
	{workload: "2"},
	{workload: "2c"},
	{workload: "3a"},
	{workload: "3b"},
	{workload: "session", unbarred: true},
	{workload: "hopping", unbarred: true},
	{workload: "join", unbarred: true},
	{workload: "2", variant: doubles},
	{workload: "3b", variant: doubles},
	{workload: "small", small: true},
}

// Scenarios are the ids of all scenarios.
func Scenarios() []string {
	var ids []string
	for _, s := range scenarios {
		ids = append(ids, s.workload+s.variant.id)
	}
	return ids
}

// lookup finds a scenario. The error says why it cannot run.
func lookup(id string) (*scenario, error) {
	for _, known := range scenarios {
		if known.workload+known.variant.id != id {
			continue
		}
		w, err := workload.Lookup(known.workload)
		if err != nil {
			return nil, err
		}
		level, err := diff.ParseLevel(w.Level)
		if err != nil {
			return nil, err
		}
		s := &scenario{id: id, title: w.Title + known.variant.title, topics: w.Topics, sql: w.SQL, level: level, data: w}
		switch {
		case known.variant.sql != nil:
			s.sql, s.mainOnly = known.variant.sql(s.sql), true
		case known.small:
			s.records, s.rows, s.mainOnly = w.Records, smallRows, true
		default:
			s.floor, s.polled, s.mainOnly = floors[id], polledFloors[id], known.unbarred
		}
		return s, nil
	}
	return nil, fmt.Errorf("unknown scenario %q; use one of %s", id, strings.Join(Scenarios(), ", "))
}
