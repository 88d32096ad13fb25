package main

import (
	"parallax/reports"
	"parallax/shadow"
)

// holes are a run's, as a summary shows them.
func holes(rep shadow.Report) []reports.Hole {
	list := []reports.Hole{}
	for _, h := range rep.Holes {
		shown := reports.Hole{FromBatch: h.From, Records: h.Records, Shed: h.Shed, Reason: h.Reason, Offsets: []reports.OffsetRange{}}
		if h.To >= 0 {
			shown.ToBatch = &h.To
		}
		for _, o := range h.Offsets {
			shown.Offsets = append(shown.Offsets, reports.OffsetRange{Topic: o.Topic, Partition: o.Partition, From: o.From, To: o.To})
		}
		list = append(list, shown)
	}
	return list
}
