package faults

import (
	"slices"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// newFloatOrder is a V2 that adds up the records of a batch from the last to the
// first. Each record keeps its place, its watermark and its disposition, and has the values of
// another one.
func newFloatOrder(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	return newShown(f, cfg, p, opt, func(records []row.Record, strikes func(int) bool) (changed bool) {
		var places []int
		for i := range records {
			if records[i].State != row.Undecodable && strikes(i) {
				places = append(places, i)
			}
		}
		said := slices.Clone(records)
		for k, i := range places {
			from, to := &said[places[len(places)-1-k]], &records[i]
			to.EventTime, to.Timestamp, to.State = from.EventTime, from.Timestamp, from.State
			to.Source, to.Row, to.Key, to.Value = from.Source, from.Row, from.Key, from.Value
		}
		return len(places) > 1 // else the one record is in its own place
	})
}
