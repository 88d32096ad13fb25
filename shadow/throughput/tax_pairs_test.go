package throughput

import (
	"math"
	"slices"
	"testing"
)

const microsecond = recordTime(1_000_000) // for a record; times are of 1,000

// ratiosOf returns the stored ratios of running to held.
func ratiosOf(p *taxPairs) (ratios []float64) {
	for _, d := range p.differences {
		ratios = append(ratios, math.Round(1e6*math.Exp(d))/1e6)
	}
	return ratios
}

// taxBatch is a running batch (r) or a held one (h) with its time.
type taxBatch struct {
	kind byte
	took recordTime
}

func pairsOf(batches []taxBatch) *taxPairs {
	p := new(taxPairs)
	for _, b := range batches {
		if b.kind == 'h' {
			p.addHeld(b.took)
		} else {
			p.addRunning(b.took)
		}
	}
	return p
}

func TestHeldBatchesArePairedWithTheNearestRunningOneBeforeAndAfterInTurn(t *testing.T) {
	for _, c := range []struct {
		name    string
		batches []taxBatch
		want    []float64
	}{
		{"before, after, before", []taxBatch{
			{'r', 70}, {'r', 20}, {'h', 10}, {'r', 70}, {'r', 70}, {'h', 10}, {'r', 30}, {'r', 40}, {'h', 10}, {'r', 70},
		}, []float64{2, 3, 4}},
		{"nothing before the first", []taxBatch{{'h', 10}, {'r', 20}, {'r', 70}, {'h', 10}, {'r', 30}}, []float64{2, 3}},
		{"no running batch is in two pairs", []taxBatch{
			{'r', 20}, {'h', 10}, {'r', 70}, {'h', 10}, {'r', 30}, {'h', 10}, {'r', 40}, {'r', 70},
		}, []float64{2, 3, 4}},
		{"of two held batches that wait the nearer one is paired", []taxBatch{
			{'r', 20}, {'h', 10}, {'h', 70}, {'h', 10}, {'r', 30}, {'r', 70},
		}, []float64{2, 3}},
		{"a time of 0 makes no pair", []taxBatch{{'r', 20}, {'h', 0}, {'r', 0}, {'h', 10}, {'r', 70}, {'h', 10}}, []float64{7}},
	} {
		if got := ratiosOf(pairsOf(c.batches)); !slices.Equal(got, c.want) {
			t.Errorf("%s: the ratios are %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTheTaxIsThatOfATypicalBatch(t *testing.T) {
	var m TaxMeter
	add := func(running, held recordTime) {
		m.addRunning(running)
		m.addHeld(held)
		m.addRunning(running)
	}
	for range fewestTaxPairs - 1 {
		add(12*microsecond, 10*microsecond)
	}
	if s := m.Tax(); s.Value != nil || s.CI95 != nil || s.P99 != nil || s.Held != fewestTaxPairs-1 {
		t.Errorf("too few pairs: %+v", s)
	}
	add(400*microsecond, 10*microsecond) // slow for another reason
	s := m.Tax()
	near := func(x, want float64) bool { return math.Abs(x-want) < 1e-3*want }
	if s.Value == nil || !near(*s.Value, 0.2) || !near(s.CI95[0], 0.2) || s.CI95[1] < 0.2 || s.Pairs != fewestTaxPairs {
		t.Fatalf("%+v, want 0.2", s)
	}
	if !near(s.P99.Held, 10) || !near(s.P99.Running, 400) {
		t.Errorf("p99 is %v us held and %v running, want 10 and 400", s.P99.Held, s.P99.Running)
	}
}

// A run that V2 slows down after a while: the stored pairs represent all of it.
func TestALongRunsTaxIsAboutTheWholeRun(t *testing.T) {
	var p taxPairs
	const half = 4 * keptTaxPairs
	for i := range 2 * half {
		p.addRunning(microsecond)
		held := microsecond
		if i >= half {
			held /= 4
		}
		p.addHeld(held)
		p.addRunning(microsecond)
	}
	early := 0
	for _, d := range p.differences {
		if d == 0 {
			early++
		}
	}
	if len(p.differences) != keptTaxPairs || early < keptTaxPairs*4/10 || early > keptTaxPairs*6/10 {
		t.Errorf("%d pairs are kept, %d of the first half; want %d and about half of them", len(p.differences), early, keptTaxPairs)
	}
	if value, interval, isKnown := p.typical(); !isKnown || value < interval[0] || value > interval[1] || p.pairs != 2*half {
		t.Errorf("%v, %v of %d pairs", value, interval, p.pairs)
	}
}
