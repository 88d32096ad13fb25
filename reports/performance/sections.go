package performance

import (
	"fmt"
	"strings"

	"parallax/reports/gate"
	"parallax/shadow/bench"
)

// markdown builds a table.
type markdown struct{ b strings.Builder }

// head writes the names of the columns; those that begin with a space are numbers,
// to the right.
func (m *markdown) head(columns ...string) {
	m.row(columns...)
	var rule []string
	for _, c := range columns {
		if strings.HasPrefix(c, " ") {
			rule = append(rule, "--:")
		} else {
			rule = append(rule, "---")
		}
	}
	m.row(rule...)
}

func (m *markdown) row(cells ...string) {
	for _, c := range cells {
		m.b.WriteString("| " + strings.TrimSpace(c) + " ")
	}
	m.b.WriteString("|\n")
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func machineSection(d *bench.Document) string {
	m := d.Machine
	text := fmt.Sprintf("Measured %s with `%s` (version %s, commit %s) on %d cores of %s, %s MiB, %s, %s/%s.\n",
		d.Started, d.Command, m.Version, m.Commit, m.Cores, orUnknown(m.CPU), gate.Thousands(m.MemoryMiB), m.Go, m.OS, m.Arch)
	if d.Load != "" {
		text += fmt.Sprintf("Load average over the last 1, 5 and 15 minutes: %s.\n", d.Load)
	}
	return text
}

func throughputSection(d *bench.Document) string {
	var m markdown
	scenario := ""
	for _, r := range d.Results {
		if r.Broker != "" {
			continue
		}
		if r.Scenario != scenario {
			scenario = r.Scenario
			m.line("\n### Scenario %s\n", scenario)
			m.head("path", " batch", " cores", " records", " ns a record", " min to max", " CPU ns", " allocs a record",
				" of floor", " of direct", " of v1", " rows", "checksum")
		}
		if r.NsPerRecord == nil {
			m.row(r.Path, count(r.Batch), fmt.Sprint(r.Cores), count(r.Records), "its rows differ", "", "", "", "", "", "", count(r.Rows), "`"+r.Checksum+"`")
			continue
		}
		m.row(r.Path, count(r.Batch), fmt.Sprint(r.Cores), count(r.Records), fmt.Sprintf("%.0f", r.NsPerRecord.Median),
			fmt.Sprintf("%.0f to %.0f", r.NsPerRecord.Min, r.NsPerRecord.Max), fmt.Sprintf("%.0f", *r.CPUNsPerRecord),
			fmt.Sprintf("%.4f", *r.AllocsPerRecord), ratio(r, "floor"), ratio(r, "direct"), ratio(r, "v1"), count(r.Rows), "`"+r.Checksum+"`")
	}
	for _, s := range append(append([]string(nil), d.Skipped...), d.Notes...) {
		m.line("\nNot measured: %s.", s)
	}
	return m.b.String()
}

func count(n int) string { return gate.Thousands(int64(n)) }

func scalingSection(d *bench.Document) string {
	var m markdown
	m.head("scenario", "path", " batch", " cores", " measured", " predicted", " cap by key skew")
	for _, s := range d.Scaling {
		if !s.Predicted {
			continue
		}
		measured := ""
		if one := scalingOf(d, s.Scenario, s.Partitions, s.Cores, s.Batch, false); one != nil {
			measured = times(one.Speedup)
		}
		m.row(s.Scenario, fmt.Sprintf("v2:%d", s.Partitions), count(s.Batch), fmt.Sprint(s.Cores), measured, times(s.Speedup), times(s.KeySkewCap))
	}
	if len(d.Scaling) > 0 {
		m.line("\nV2's speed over V1's. Waking a core is counted as %s µs.", fmt.Sprintf("%.0f", float64(handOff(d))/1e3))
	}
	return m.b.String()
}

func handOff(d *bench.Document) (ns int64) {
	for _, s := range d.Scaling {
		ns = max(ns, s.HandOffNs)
	}
	return ns
}

func times(v float64) string { return fmt.Sprintf("%.2f", v) }

// scalingOf finds a scaling measurement, nil if there is none.
func scalingOf(d *bench.Document, scenario string, partitions, cores, batch int, predicted bool) *bench.Scaling {
	for i := range d.Scaling {
		s := &d.Scaling[i]
		if s.Scenario == scenario && s.Partitions == partitions && s.Cores == cores && s.Batch == batch && s.Predicted == predicted {
			return s
		}
	}
	return nil
}

func shadowSection(d *bench.Document) string {
	return modesTable(d.SideBySide, []string{" compared", " sampled out", " shed"}, func(s *bench.SideBySide) []string {
		return []string{gate.Thousands(s.Compared), gate.Thousands(s.SampledOut), gate.Thousands(s.Shed)}
	})
}

func checkpointSection(d *bench.Document) string {
	return modesTable(d.Checkpoints, nil, func(*bench.SideBySide) []string { return nil })
}

// modesTable has V1's figures on and off, a row for each mode, and more columns.
func modesTable(list []bench.SideBySide, columns []string, more func(*bench.SideBySide) []string) string {
	var m markdown
	m.head(append([]string{"mode", " cores", " records/s off", " on", " ratio", " p50 µs off", " on", " ratio", " p99 µs off", " on", " ratio"}, columns...)...)
	for i := range list {
		s := &list[i]
		m.row(append([]string{
			"scenario " + s.Scenario + ", " + s.Mode, fmt.Sprint(s.Cores),
			gate.Thousands(int64(s.Off.RecordsPerSecond)), gate.Thousands(int64(s.On.RecordsPerSecond)), spread(s.Throughput),
			fmt.Sprintf("%.0f", micros(s.Off, 0.5)), fmt.Sprintf("%.0f", micros(s.On, 0.5)), spread(s.P50),
			fmt.Sprintf("%.0f", micros(s.Off, 0.99)), fmt.Sprintf("%.0f", micros(s.On, 0.99)), spread(s.P99),
		}, more(s)...)...)
	}
	return m.b.String()
}

// spread is a median with its extremes.
func spread(s bench.Spread) string { return fmt.Sprintf("%.2f (%.2f to %.2f)", s.Median, s.Min, s.Max) }

func kafkaSection(d *bench.Document) string {
	var m markdown
	m.head("broker", "path", " client's cores", " records/s", " min to max", " of plain", " of floor", " of v1", " records a transaction", " allocs a record", " CPU ns", " rows", "checksum")
	for _, r := range d.Results {
		switch {
		case r.Broker == "":
		case r.NsPerRecord == nil:
			m.row(r.Broker, r.Path, fmt.Sprint(r.Cores), "its rows differ", "", "", "", "", "", "", "", count(r.Rows), "`"+r.Checksum+"`")
		default:
			m.row(r.Broker, r.Path, fmt.Sprint(r.Cores), perSecond(r.NsPerRecord.Median),
				perSecond(r.NsPerRecord.Max)+" to "+perSecond(r.NsPerRecord.Min), ratio(r, "kafka-plain"), ratio(r, "kafka-floor"), ratio(r, "kafka-v1"), count(r.Transaction),
				fmt.Sprintf("%.2f", *r.AllocsPerRecord), fmt.Sprintf("%.0f", *r.CPUNsPerRecord), count(r.Rows), "`"+r.Checksum+"`")
		}
	}
	m.line("\n*kafka* compares every record with V2 (four partitions); *kafka-v1* is the same with `v2: off`; *kafka-floor* writes the same rows by hand; *kafka-plain* copies.")
	return m.b.String()
}

func perSecond(ns float64) string { return gate.Thousands(int64(1e9 / ns)) }

func peersSection(d *bench.Document) string {
	var m markdown
	m.head("scenario", "engine", " the floor was", " direct would be", " v1 would be")
	for _, p := range bench.Peers(d) {
		m.row(p.Scenario, p.Name, fmt.Sprintf("%.0f times as fast", p.FloorTimes), fmt.Sprintf("%.0f times", p.DirectTimes), fmt.Sprintf("%.0f times", p.V1Times))
	}
	return m.b.String()
}
