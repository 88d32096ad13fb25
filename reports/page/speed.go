package page

import (
	"cmp"
	"fmt"

	"parallax/reports/gate"
	"parallax/reports/look"
	"parallax/shadow/evidence"
)

type speedView struct {
	SpeedLead      string
	Charts         []look.Chart
	Speeds         []fact
	Partitions     []partitionRow
	MorePartitions string
}

type partitionRow struct {
	Number, Records, Keys, Busy, Queued string
	// Share is in per cent of the largest one's.
	Share float64
}

const mostPartitions = 128

func (p *painter) speed() speedView {
	s := &p.Summary
	v := speedView{SpeedLead: "Speeds are records per second of service time, in one run, side by side.", Charts: look.Charts(p.Stretch.Timeline, p.location), Speeds: p.speeds()}
	v.MorePartitions = more(len(s.V2.Partitions), mostPartitions, "partitions")
	var most int64
	for _, part := range s.V2.Partitions {
		most = max(most, part.Records)
	}
	for i, part := range clip(s.V2.Partitions, mostPartitions) {
		r := partitionRow{fmt.Sprint(i), gate.Thousands(part.Records), gate.Thousands(part.Keys), look.Duration(part.Busy.Std()), gate.Thousands(part.MostQueued), 0}
		if most > 0 {
			r.Share = 100 * float64(part.Records) / float64(most)
		}
		v.Partitions = append(v.Partitions, r)
	}
	return v
}

func (p *painter) speeds() []fact {
	t := &p.Summary.Throughput
	figure := func(f evidence.Figure, unit string) string {
		if f == 0 {
			return "Not measured."
		}
		return gate.Thousands(int64(f)) + " " + unit
	}
	list := []fact{{"V1", figure(t.V1.RecordsPerSecond, "records per second")}, {"V2", figure(t.V2.RecordsPerSecond, "records per second")}}
	kind, r := t.Judged()
	switch {
	case r.Value == 0:
		list = append(list, fact{"V2's speed / V1's", look.Sentence(look.Text("Not known: " + cmp.Or(r.Why, "it was not measured")))})
	case r.CI95.IsKnown():
		list = append(list, fact{"V2's speed / V1's", fmt.Sprintf("%.2f, 95 %% interval %.2f to %.2f (%s, %s)", float64(r.Value), r.CI95[0], r.CI95[1], kind, batches(int64(r.Batches)))})
	default:
		list = append(list, fact{"V2's speed / V1's", fmt.Sprintf("%.2f, without an interval (%s, %s)", float64(r.Value), kind, batches(int64(r.Batches)))})
	}
	if tax := t.Tax; tax.Value != nil {
		value := look.Percent(*tax.Value)
		if tax.CI95 != nil {
			value += fmt.Sprintf(", 95 %% interval %.1f to %.1f %%", 100*tax.CI95[0], 100*tax.CI95[1])
		}
		list = append(list, fact{"Shadow tax", value + fmt.Sprintf(" (%s pairs of batches)", gate.Thousands(int64(tax.Pairs)))})
	} else {
		list = append(list, fact{"Shadow tax", "Not measured."})
	}
	lag := "V1 kept up with its input."
	if p.Stretch.LagGrowing {
		lag = "V1 fell further and further behind its input."
	}
	list = append(list, fact{"Lag", lag})
	if c := t.Censored; c.Batches > 0 {
		list = append(list, fact{"Abandoned", fmt.Sprintf("V2 was abandoned in %s with %s", batches(c.Batches), look.Count(c.Records, "record"))})
	}
	if s := p.Summary.V2.Skew; s != 0 {
		list = append(list, fact{"Skew", fmt.Sprintf("V2's largest partition has %.2f times the records of the mean one", float64(s))})
	}
	return list
}
