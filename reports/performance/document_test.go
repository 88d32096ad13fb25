package performance

import "parallax/shadow/bench"

// document returns a document with plausible figures for every measurement.
func document() *bench.Document {
	d := &bench.Document{
		Machine: bench.Machine{CPU: "a CPU", Cores: 2, Go: "go1.26", OS: "linux", Arch: "amd64", MemoryMiB: 16_000, Version: "v1", Commit: "abc"},
		Command: "parallax bench -o docs", Started: "2026-01-02T03:04:05Z",
	}
	add := func(scenario, path string, cores, rows int, ns float64, to map[string]float64) {
		cpu, allocs := ns, 0.004
		spreads := map[string]bench.Spread{}
		for name, v := range to {
			spreads[name] = bench.Spread{Min: v - 0.1, Median: v, Max: v + 0.1}
		}
		d.Results = append(d.Results, bench.Result{
			Scenario: scenario, Path: path, Batch: bench.MainBatch, Cores: cores, Records: 400_000, Rows: rows, Checksum: "00ff", Rounds: 11,
			NsPerRecord: &bench.Spread{Min: ns - 1, Median: ns, Max: ns + 1}, CPUNsPerRecord: &cpu, AllocsPerRecord: &allocs,
			RatioTo: to, RatioSpread: spreads, CPURatioTo: to,
		})
	}
	for _, id := range []string{"0", "2", "3a", "3b", "session", "hopping", "join"} {
		add(id, "floor", 1, 400_000, 100, nil)
		add(id, "direct", 1, 400_000, 140, map[string]float64{"floor": 0.72})
		add(id, "v1", 1, 400_000, 150, map[string]float64{"floor": 0.66, "direct": 0.93})
		add(id, "v2:8", 1, 400_000, 170, map[string]float64{"v1": 0.85})
		add(id, "v2:4", 2, 400_000, 90, map[string]float64{"v1": 1.65})
		add(id, "shadow", 2, 400_000, 200, map[string]float64{"v1": 0.7})
	}
	add("small", "v1", 1, 99_810, 5000, nil)
	add("small", "v2:2/even", 2, 49_910, 3000, nil)
	add("small", "v2:4/even", 2, 24_960, 2000, nil)
	for _, broker := range []string{"embedded", "kafka"} {
		for _, p := range []struct {
			path string
			to   map[string]float64
		}{
			{"kafka", map[string]float64{"kafka-plain": 0.5, "kafka-floor": 0.6, "kafka-v1": 0.7}},
			{"kafka-v1", map[string]float64{"kafka-plain": 0.7, "kafka-floor": 0.8}},
			{"kafka-floor", map[string]float64{"kafka-plain": 0.9}},
			{"kafka-plain", nil},
		} {
			add("3b", p.path, 1, 400_000, 6000, p.to)
			r := &d.Results[len(d.Results)-1]
			r.Broker, r.Transaction = broker, 20_000
		}
	}
	for _, id := range []string{"2", "3b"} {
		d.BatchSizes = append(d.BatchSizes, bench.BatchSize{
			Scenario: id, Path: "v2:4", Cores: 2, Batch: 100_000, Against: 1000, Mean: 1500, Rows: 400_000, Checksum: "00ff",
			Ratio: bench.Spread{Min: 0.9, Median: 0.95, Max: 1},
		})
		d.Breakdown = append(d.Breakdown, bench.Breakdown{
			Scenario: id, Records: 400_000, RowsOut: 400_000, Checksum: "00ff",
			Whole: 200, Decoding: 90, Engine: 50, Rows: 20, Encoding: 36, Remainder: 4,
		})
		for _, n := range []int{2, 4, 8} {
			d.Scaling = append(d.Scaling, bench.Scaling{Scenario: id, Partitions: n, Cores: 2, Batch: bench.MainBatch, Speedup: 1.6})
			for i, cores := range []int{1, 2, 4, 8} {
				d.Scaling = append(d.Scaling, bench.Scaling{
					Scenario: id, Partitions: n, Cores: cores, Batch: bench.MainBatch, Predicted: true,
					Speedup: min(0.9+float64(i)*0.9*float64(n)/3, 7), KeySkewCap: 7.5, HandOffNs: 5_000,
				})
			}
		}
	}
	side := func(scale int64) bench.Side {
		s := bench.Side{RecordsPerSecond: 500_000}
		for i, of := range []float64{0.01, 0.5, 0.9, 0.99, 0.999} {
			s.Latency = append(s.Latency, bench.Quantile{Of: of, Ns: scale * int64(i+1) * 100_000})
		}
		return s
	}
	one := bench.Spread{Min: 0.9, Median: 1, Max: 1.1}
	for _, m := range []struct {
		mode  string
		cores int
		load  float64
	}{{"spare core", 2, 0.6}, {"spare core, V1 on a core of its own", 2, 0.6}, {"no spare core, 5 % of the keys", 1, 0}, {"no spare core, V2 shed and re-seeded", 1, 0}} {
		d.SideBySide = append(d.SideBySide, bench.SideBySide{
			Scenario: "3b", Mode: m.mode, Cores: m.cores, Load: m.load, Rounds: 11, Batch: 1000,
			Off: side(3), On: side(5), Throughput: one, P50: one, P99: one, Compared: 1000,
		})
	}
	d.Checkpoints = append(d.Checkpoints, bench.SideBySide{
		Scenario: "3b", Mode: "a checkpoint each second", Cores: 2, Load: 0.6, Rounds: 7, Batch: 1000, Off: side(3), On: side(4), Throughput: one, P50: one, P99: one,
	})
	for _, s := range []bench.StageCost{{Stage: "shadow", RowsOfV2: 0}, {Stage: "canary:25", RowsOfV2: 100_000}, {Stage: "promoted", RowsOfV2: 400_000}} {
		s.Scenario, s.Mode, s.Cores, s.Batch, s.Records, s.Rows, s.Checksum = "3b", "full speed", 2, 1000, 400_000, 400_000, "00ff"
		s.RecordsPerSecond, s.Throughput = bench.Spread{Min: 9e5, Median: 1e6, Max: 2e6}, one
		s.P50, s.P99 = bench.Spread{Min: 1e6, Median: 2e6, Max: 3e6}, bench.Spread{Min: 4e6, Median: 5e6, Max: 6e6}
		if s.RowsOfV2 > 0 {
			s.WaitP50, s.WaitP99 = bench.Spread{Min: 5e5, Median: 7e5, Max: 9e5}, bench.Spread{Min: 4e6, Median: 5e6, Max: 6e6}
		}
		d.Stages = append(d.Stages, s)
	}
	return d
}
