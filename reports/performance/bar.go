package performance

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"parallax/shadow/bench"
)

// barLine is something that was promised.
type barLine struct {
	what, bar string
	// readings returns the run's readings for the bar; if it is nil or returns none,
	// command is the command that measures them.
	readings func(d *bench.Document) []reading
	command  string
}

// reading is a figure, and whether it meets the bar.
type reading struct {
	text string
	held bool
}

// barLines are all that was promised, in the order in which it was.
var barLines = []barLine{
	{what: "direct against floor, one core", bar: "≥ 60 % in 0, 1, 2; ≥ 65 % in 3a; ≥ 70 % in 3b", readings: directToFloor},
	{what: "v1 against direct", bar: "≥ 90 %", readings: v1ToDirect},
	{what: "allocations, once all keys are seen", bar: "≤ 0.01 a record in direct, v1, v2", readings: allocations},
	{what: "allocations of a run against a broker", bar: "≤ 1.5 a record above the plain loop", readings: kafkaAllocations},
	{what: "amplification, group scope", bar: "exactly 1.00 row a record in 3b", readings: groupAmplification},
	{what: "amplification, the seeds' window scope", bar: "99,810 rows in V1; 49,910 and 24,960 with the groups dealt out evenly over 2 and 4; by hash what the assignment gives", readings: windowAmplification},
	{what: "v2, one core, N = 8: CPU", bar: "≤ 1.25 times v1's in 3b", readings: oneCoreCPU},
	{what: "v2, one core, N = 8: instructions", bar: "≤ 10 % more than v1 in 3b", command: "hack/instructions.sh"},
	{what: "v2, two cores, N = 4", bar: "≥ 1.6 times v1 in 3b, ≥ 1.5 in 2", readings: twoCores},
	{what: "v2, eight cores, a prediction", bar: "≥ 6 times v1 in 3b", readings: eightCores},
	{what: "shadow, spare core", bar: "V1's throughput ≥ 0.95 of without; p50 ≤ +5 %, p99 ≤ +15 %", readings: spareCore},
	{what: "shadow, no spare core", bar: "V1's throughput ≥ 0.90 of without", readings: noSpareCore},
	{what: "diff", bar: "≤ 20 ns a row hot, ≤ 35 streaming, nothing allocated on the equal path", command: "go test -run xxx -bench . -benchmem ./diff"},
	{what: "peers, one core (computed)", bar: "v1 ≥ 25 times octosql in 2; ≥ 100 times octosql and ≥ 30 times the others in 3b", readings: peerReadings},
	{what: "end to end: V1", bar: "kafka-v1 ≥ 75 % of kafka-floor on the same broker", readings: endToEnd},
	{what: "end to end: V1 and V2", bar: "kafka ≥ 90 % of kafka-v1 with a spare core, ≥ 60 % without", readings: besideV2},
	{what: "batch size", bar: "at 100,000 records a batch no path more than 10 % slower than at 1,000", readings: batchSizeReadings},
	{what: "state, 1 M keys", bar: "≤ 200 bytes a key above key and values; checkpoint pause p99 ≤ 50 ms; restore ≤ 5 s", command: "see [State and memory](#state-and-memory)"},
	{what: "memory", bar: "flat over 10 M records with 10,000 keys", command: "see [State and memory](#state-and-memory)"},
	{what: "growth", bar: "linear in records, independent of history, at 1x, 10x, 100x keys", command: "see [State and memory](#state-and-memory)"},
}

// barSection compares a run with every bar.
func barSection(d *bench.Document) string {
	var m markdown
	m.head("what", "bar", "reached", "")
	for _, l := range barLines {
		m.row(l.what, l.bar, l.reached(d), l.state(d))
	}
	return m.b.String()
}

func (l barLine) reached(d *bench.Document) string {
	if l.readings == nil {
		if strings.HasPrefix(l.command, "see ") {
			return l.command
		}
		return "`" + l.command + "`"
	}
	var texts []string
	for _, r := range l.readings(d) {
		mark := ""
		if !r.held {
			mark = " **(missed)**"
		}
		texts = append(texts, r.text+mark)
	}
	return strings.Join(texts, "<br>")
}

func (l barLine) state(d *bench.Document) string {
	if l.readings == nil {
		return ""
	}
	list := l.readings(d)
	if len(list) == 0 {
		return "not in this run"
	}
	for _, r := range list {
		if !r.held {
			return "missed"
		}
	}
	return "held"
}

// barScenarios are the scenarios that the bar covers.
var barScenarios = []string{"0", "1", "2", "2c", "3a", "3b"}

func directToFloor(d *bench.Document) (list []reading) {
	for _, one := range []struct {
		scenario string
		least    float64
	}{{"0", 0.60}, {"1", 0.60}, {"2", 0.60}, {"3a", 0.65}, {"3b", 0.70}} {
		if r := d.Find(one.scenario, "direct", 1, bench.MainBatch); r != nil {
			if s, ok := r.RatioSpread["floor"]; ok {
				list = append(list, reading{fmt.Sprintf("%s: %s", one.scenario, shares(s)), s.Median >= one.least})
			}
		}
	}
	return list
}

// shares is a spread of ratios in percent.
func shares(s bench.Spread) string {
	return fmt.Sprintf("%.0f %% (%.0f to %.0f)", 100*s.Median, 100*s.Min, 100*s.Max)
}

func v1ToDirect(d *bench.Document) (list []reading) {
	for _, id := range barScenarios {
		if r := d.Find(id, "v1", 1, bench.MainBatch); r != nil {
			if s, ok := r.RatioSpread["direct"]; ok {
				list = append(list, reading{fmt.Sprintf("%s: %s", id, shares(s)), s.Median >= 0.90})
			}
		}
	}
	return list
}

// allocations names the worst of each kind of path.
func allocations(d *bench.Document) (list []reading) {
	for _, kind := range []string{"direct", "v1", "v2"} {
		var worst *bench.Result
		for i := range d.Results {
			r := &d.Results[i]
			name, _, _ := strings.Cut(r.Path, ":")
			if name == kind && r.Batch == bench.MainBatch && r.AllocsPerRecord != nil && slices.Contains(barScenarios, r.Scenario) &&
				(worst == nil || *r.AllocsPerRecord > *worst.AllocsPerRecord) {
				worst = r
			}
		}
		if worst != nil {
			list = append(list, reading{fmt.Sprintf("%s: %.4f at most (%s in %s)", kind, *worst.AllocsPerRecord, worst.Path, worst.Scenario), *worst.AllocsPerRecord <= 0.01})
		}
	}
	return list
}

func kafkaAllocations(d *bench.Document) (list []reading) {
	for _, r := range d.Results {
		plain := plainLoopOf(d, r)
		if plain == nil || r.NsPerRecord == nil {
			continue
		}
		above := *r.AllocsPerRecord - *plain.AllocsPerRecord
		list = append(list, reading{fmt.Sprintf("%s, %s broker: %+.2f", r.Path, r.Broker, above), above <= 1.5})
	}
	return list
}

// plainLoopOf returns the plain loop's result for a run with a broker; nil for other results.
func plainLoopOf(d *bench.Document, r bench.Result) *bench.Result {
	if r.Broker == "" || r.Path == "kafka-plain" {
		return nil
	}
	for i := range d.Results {
		if p := &d.Results[i]; p.Broker == r.Broker && p.Path == "kafka-plain" && p.NsPerRecord != nil {
			return p
		}
	}
	return nil
}

func groupAmplification(d *bench.Document) (list []reading) {
	paths, wrong := 0, 0
	for _, r := range d.Results {
		if r.Scenario == "3b" && r.Broker == "" {
			if paths++; r.Rows != r.Records {
				wrong++
			}
		}
	}
	if paths == 0 {
		return nil
	}
	return []reading{{fmt.Sprintf("1.00 in %d of %d results", paths-wrong, paths), wrong == 0}}
}

// windowAmplification returns the rows. The rows of the hash assignment were checked when
// they were measured.
func windowAmplification(d *bench.Document) (list []reading) {
	known := map[string]int{"v1": 99_810, "v2:2/even": 49_910, "v2:4/even": 24_960}
	seen := map[string]bool{}
	for _, r := range d.Results {
		if r.Scenario != "small" || seen[r.Path] {
			continue
		}
		seen[r.Path] = true
		held := r.Differs == ""
		if want, ok := known[r.Path]; ok {
			held = held && r.Rows == want
		}
		list = append(list, reading{fmt.Sprintf("%s: %s", r.Path, count(r.Rows)), held})
	}
	return list
}

func oneCoreCPU(d *bench.Document) []reading {
	r := d.Find("3b", "v2:8", 1, bench.MainBatch)
	if r == nil || r.CPURatioTo["v1"] == 0 {
		return nil
	}
	more := 1 / r.CPURatioTo["v1"]
	return []reading{{fmt.Sprintf("%.2f times", more), more <= 1.25}}
}

func twoCores(d *bench.Document) (list []reading) {
	for _, one := range []struct {
		scenario string
		least    float64
	}{{"2", 1.5}, {"3b", 1.6}} {
		if r := d.Find(one.scenario, "v2:4", 2, bench.MainBatch); r != nil {
			if s, ok := r.RatioSpread["v1"]; ok {
				list = append(list, reading{fmt.Sprintf("%s: %s", one.scenario, spread(s)), s.Median >= one.least})
			}
		}
	}
	return list
}

// eightCores uses the best partition count and batch size, and compares the model's
// prediction for two cores with the measurement.
func eightCores(d *bench.Document) []reading {
	var best *bench.Scaling
	for i := range d.Scaling {
		s := &d.Scaling[i]
		if s.Scenario == "3b" && s.Predicted && s.Cores == 8 && (best == nil || s.Speedup > best.Speedup) {
			best = s
		}
	}
	if best == nil {
		return nil
	}
	text := fmt.Sprintf("predicted %.2f times (v2:%d, batches of %s; key skew allows %.2f)", best.Speedup, best.Partitions, count(best.Batch), best.KeySkewCap)
	two := scalingOf(d, "3b", best.Partitions, 2, best.Batch, true)
	if measured := scalingOf(d, "3b", best.Partitions, 2, best.Batch, false); measured != nil && two != nil {
		text += fmt.Sprintf("; on two cores predicted %.2f, measured %.2f", two.Speedup, measured.Speedup)
	}
	return []reading{{text, best.Speedup >= 6}}
}

func spareCore(d *bench.Document) (list []reading) {
	for _, s := range d.SideBySide {
		if s.Load == 0 {
			continue
		}
		how := ""
		if v := variation(&s); v != "" {
			how = v + ": "
		}
		list = append(list,
			reading{how + "throughput " + spread(s.Throughput), s.Throughput.Median >= 0.95},
			reading{how + "p50 " + spread(s.P50), s.P50.Median <= 1.05},
			reading{how + "p99 " + spread(s.P99), s.P99.Median <= 1.15})
	}
	return list
}

func noSpareCore(d *bench.Document) (list []reading) {
	for _, s := range d.SideBySide {
		if s.Load == 0 {
			list = append(list, reading{s.Mode + ": " + spread(s.Throughput), s.Throughput.Median >= 0.90})
		}
	}
	return list
}

func peerReadings(d *bench.Document) (list []reading) {
	others, weakest := math.Inf(1), ""
	for _, p := range bench.Peers(d) {
		switch {
		case p.Scenario == "2" && p.Name == "octosql":
			list = append(list, reading{fmt.Sprintf("2: %.0f times octosql", p.V1Times), p.V1Times >= 25})
		case p.Scenario == "3b" && p.Name == "octosql":
			list = append(list, reading{fmt.Sprintf("3b: %.0f times octosql", p.V1Times), p.V1Times >= 100})
		case p.Scenario == "3b" && p.V1Times < others:
			others, weakest = p.V1Times, p.Name
		}
	}
	if weakest != "" {
		list = append(list, reading{fmt.Sprintf("3b: %.0f times %s, the fastest of the others", others, weakest), others >= 30})
	}
	return list
}

func endToEnd(d *bench.Document) (list []reading) {
	for _, r := range d.Results {
		if s, ok := r.RatioSpread["kafka-floor"]; ok && r.Path == "kafka-v1" {
			list = append(list, reading{fmt.Sprintf("%s broker: %s", r.Broker, shares(s)), s.Median >= 0.75})
		}
	}
	return list
}

// besideV2 compares a run with V2 to one without. V1, the client and V2 each keep a core
// busy; with fewer cores none is free.
func besideV2(d *bench.Document) (list []reading) {
	const enough = 3
	for _, r := range d.Results {
		s, ok := r.RatioSpread["kafka-v1"]
		if !ok || r.Path != "kafka" {
			continue
		}
		least, what := 0.60, "no spare core"
		if r.Cores >= enough {
			least, what = 0.90, "a spare core"
		}
		list = append(list, reading{fmt.Sprintf("%s broker, %s: %s", r.Broker, what, shares(s)), s.Median >= least})
	}
	return list
}
