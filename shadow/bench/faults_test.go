package bench

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/evidence"
	"parallax/shadow/host"
	"parallax/shadow/workload"
)

// BenchmarkFaults measures what a faulty V2 costs V1: the throughput and batch latency with
// the fault relative to those without a V2, alternately, with a free core (V1 uses 60 % of
// one) and with one core for both. Each run must end with a closed ledger and equal
// compared rows. V2 returns and, where it has no core, is shed again.
//
//	go test ./shadow/bench -run XXX -bench Faults -benchtime 1x
func BenchmarkFaults(b *testing.B) {
	s, err := lookup("3b")
	if err != nil {
		b.Fatal(err)
	}
	q, err := newQuery(s.sql)
	if err != nil {
		b.Fatal(err)
	}
	m := &sideBySide{q: q, s: s, in: NewInput(s.data, workload.Options{Records: sideBySideRecords, Seed: 1})}
	for _, fault := range []string{"none", "hang@1000001-1100000", "slow@1000001-1500000", "memory@1000001-1010000", "partition-drop@1000001-1180000"} {
		for _, mode := range []sideBySideMode{
			{name: "spare", cores: twoCores, load: 0.6, lasts: 6 * time.Second, config: live},
			{name: "own-core", cores: twoCores, load: 0.6, lasts: 6 * time.Second, config: ownCore},
			{name: "none-spare", cores: oneCore, lasts: 4 * time.Second, config: soonShed},
		} {
			b.Run(fault+"/"+mode.name, func(b *testing.B) {
				for b.Loop() {
					m.faulty(b, mode, fault)
				}
			})
		}
	}
}

// beforeFault is the number of records before the benchmark waits for a fault, which occurs
// at the millionth.
const beforeFault = 500_000

func (m *sideBySide) faulty(b *testing.B, mode sideBySideMode, fault string) {
	const rounds = 3
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(mode.cores))
	var interval time.Duration
	if mode.load > 0 {
		busy, err := m.serviceTime()
		if err != nil {
			b.Fatal(err)
		}
		interval = time.Duration(float64(busy) / mode.load)
	}
	defer host.TakeSlack(mode.config().Candidate.Memory)()
	m.oneOf(b, mode, interval, "none", new(side)) // the process's first run is not representative
	var off, on side
	var missed, compared, reseeds float64
	for round := range rounds {
		for i := range 2 {
			if (round+i)%2 == 0 {
				m.oneOf(b, mode, interval, "", &off)
				continue
			}
			rep := m.oneOf(b, mode, interval, fault, &on)
			l := rep.Ledger
			missed += float64(l.Shed + l.NotComparable + l.V2Error)
			compared += float64(l.Compared + l.Filtered)
			reseeds += float64(rep.Reseeds)
		}
	}
	b.ReportMetric(pairedRatio(off.perSecond, on.perSecond).Median, "throughput")
	b.ReportMetric(pairedRatio(off.p50, on.p50).Median, "p50")
	b.ReportMetric(pairedRatio(off.p99, on.p99).Median, "p99")
	b.ReportMetric(off.read().At(0.99).Seconds()*1e3, "ms-p99-off")
	b.ReportMetric(on.read().At(0.99).Seconds()*1e3, "ms-p99-on")
	b.ReportMetric(compared/(compared+missed), "compared")
	b.ReportMetric(reseeds/rounds, "reseeds")
	b.ReportMetric(0, "ns/op")
}

// oneOf measures one run, without a V2 or with a faulty one.
func (m *sideBySide) oneOf(b *testing.B, mode sideBySideMode, interval time.Duration, fault string, to *side) evidence.Report {
	b.Helper()
	runtime.GC()
	source, err := m.q.feed(m.in, sideBySideBatch, interval, mode.lasts)
	if err != nil {
		b.Fatal(err)
	}
	encoders, err := m.q.encoders()
	if err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	sink := &discard{encoders: encoders, out: &output{}, emitted: func(b *row.Batch) {
		if b.Len() > 0 {
			took = append(took, time.Since(source.due))
		}
	}}
	job := shadow.Job{Source: source, Output: sink, RequireLevel: m.s.level, Config: mode.config()}
	job.Config.Candidate.Deadline = time.Second
	differs, away := int64(0), true
	switch fault {
	case "":
		away = false
	case "none":
		job.Candidate, away = m.q.candidate(shadowPartitions), false
	default:
		f, err := faults.Parse(fault)
		if err != nil {
			b.Fatal(err)
		}
		job.Candidate = func() (processors.Processor, error) {
			p, err := f.New(candidateConfig(shadowPartitions), m.q.plan, processors.Options{})
			if h, ok := p.(*faults.Hung); ok {
				b.Cleanup(h.Release)
			}
			return p, err
		}
		switch f.Name {
		case "hang":
			differs = 1 // that it hangs
		case "memory":
			job.Config.Candidate.Memory = 64 << 20
		case "partition-drop":
			differs, away = -1, false
		}
	}
	rep, err := m.q.runShadow(job)
	if err != nil {
		b.Fatal(err)
	}
	l := rep.Ledger
	switch {
	case rep.Broken != "" || l.Records() != source.records || l.Gap != 0 || l.Pending != 0:
		b.Fatalf("%s: %d records, ledger %+v, %v", fault, source.records, l, rep.Broken)
	case fault != "" && l.Compared == 0 || away && rep.HoleCount == 0:
		b.Fatalf("%s: %d holes, ledger %+v", fault, rep.HoleCount, l)
	case differs >= 0 && rep.Diff.Roots() > differs*rep.HoleCount || differs < 0 && mode.cores > 1 && rep.Diff.Roots() == 0:
		b.Fatalf("%s: %v", fault, rep.Diff.ByClass)
	}
	if away && rep.Holes[len(rep.Holes)-1].To < 0 && mode.cores > 1 {
		b.Logf("%s: V2 is not back: %s", fault, rep.Holes[len(rep.Holes)-1].Reason)
	}
	took = took[min(len(took)/2, beforeFault/sideBySideBatch):]
	slices.Sort(took)
	to.perSecond = append(to.perSecond, float64(source.records)/sink.last.Sub(source.start).Seconds())
	to.p50 = append(to.p50, float64(quantile(took, 0.5)))
	to.p99 = append(to.p99, float64(quantile(took, 0.99)))
	to.all = append(to.all, took...)
	return rep
}
