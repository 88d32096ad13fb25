package throughput

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"parallax/shadow/evidence"
)

var simulations = flag.Int("simulations", 300, "how many runs of each kind the coverage of intervals is counted over; 10000 for the figures in docs/EQUIVALENCE.md")

// allSimulations are those that the promised coverage is stated for.
const allSimulations = 10_000

// simulatedTimes returns a function that draws a batch's time for a record, in ns. Each run
// has its own random numbers and its own state from batch to batch.
type simulatedTimes func(random *rand.Rand) func() float64

// autoregressive is a first-order autoregressive process with variance 1.
func autoregressive(random *rand.Rand, correlation float64) func() float64 {
	x, innovation := random.NormFloat64(), math.Sqrt(1-correlation*correlation)
	return func() float64 {
		x = correlation*x + innovation*random.NormFloat64()
		return x
	}
}

func logNormal(sigma float64) simulatedTimes {
	return func(random *rand.Rand) func() float64 {
		return func() float64 { return math.Exp(sigma*random.NormFloat64() - sigma*sigma/2) }
	}
}

// slowPhases are log-normal times whose logarithms are autoregressive.
func slowPhases(sigma, correlation float64) simulatedTimes {
	return func(random *rand.Rand) func() float64 {
		x := autoregressive(random, correlation)
		return func() float64 { return math.Exp(sigma*x() - sigma*sigma/2) }
	}
}

// spikes multiplies a share of times by a factor.
func spikes(share, factor float64) simulatedTimes {
	mean := 1 + share*(factor-1)
	return func(random *rand.Rand) func() float64 {
		return func() float64 {
			if random.Float64() < share {
				return factor / mean
			}
			return 1 / mean
		}
	}
}

// pareto has mean 1, and no variance where the exponent is 2 or less.
func pareto(exponent float64) simulatedTimes {
	return func(random *rand.Rand) func() float64 {
		return func() float64 { return math.Pow(1-random.Float64(), -1/exponent) * (exponent - 1) / exponent }
	}
}

// bursts gives every n-th batch the time of all n.
func bursts(every int) simulatedTimes {
	return func(random *rand.Rand) func() float64 {
		n := random.IntN(every)
		return func() float64 {
			if n++; n%every == 0 {
				return float64(every)
			}
			return 0
		}
	}
}

// drift grows by a factor for each 1,000 batches.
func drift(factor float64) simulatedTimes {
	return func(*rand.Rand) func() float64 {
		x := 1.0
		return func() float64 {
			x *= math.Pow(factor, 1e-3)
			return x
		}
	}
}

// product of independent times has the product of their means.
func product(all ...simulatedTimes) simulatedTimes {
	return func(random *rand.Rand) func() float64 {
		var factors []func() float64
		for _, one := range all {
			factors = append(factors, one(random))
		}
		return func() float64 {
			x := 1.0
			for _, f := range factors {
				x *= f()
			}
			return x
		}
	}
}

// coverage runs a simulation with as many seeds as requested, and returns the share of
// intervals that contain the true value. Each interval must contain its own estimate.
func coverage(t *testing.T, truth float64, simulate func(random *rand.Rand) (value float64, interval [2]float64)) float64 {
	t.Helper()
	const workers = 2
	var covered [workers]int
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for seed := w; seed < *simulations; seed += workers {
				value, interval := simulate(rand.New(rand.NewPCG(7, uint64(seed))))
				if value < interval[0] || value > interval[1] {
					t.Errorf("seed %d: the estimate %v is outside of its interval %v", seed, value, interval)
				}
				if interval[0] <= truth && truth <= interval[1] {
					covered[w]++
				}
			}
		})
	}
	all.Wait()
	return float64(covered[0]+covered[1]) / float64(*simulations)
}

// expectCoverage checks that a coverage is 93 to 97 %, plus two standard errors if fewer
// than 10,000 runs were counted. The seeds are fixed.
func expectCoverage(t *testing.T, covered float64) {
	t.Helper()
	t.Logf("%.1f %% of %d intervals contain the truth", 100*covered, *simulations)
	slack := 0.0
	if *simulations < allSimulations {
		slack = 2 * math.Sqrt(0.95*0.05/float64(*simulations))
	}
	if covered < 0.93-slack || covered > 0.97+slack {
		t.Errorf("%.1f %% of the intervals contain the truth, want 93 to 97 %%", 100*covered)
	}
}

// simulatedTax simulates a run in which V1 takes longer by tax while V2 runs. It ends after
// the given number of pairs. common affects both kinds of batches, own each batch
// separately.
func simulatedTax(random *rand.Rand, tax float64, pairs int64, common, own simulatedTimes) (value float64, interval [2]float64) {
	const microsecond, records = 1000, 1000
	var p taxPairs
	shared, each := common(random), own(random)
	rest := 0 // batches until V2 is at rest
	for p.pairs < pairs {
		took := shared() * each() * microsecond
		switch {
		case rest > 1:
			rest--
		case rest == 1:
			rest--
			p.addHeld(perRecord(time.Duration(took*records), records))
		default:
			p.addRunning(perRecord(time.Duration((1+tax)*took*records), records))
			if random.IntN(holdOneIn) == 0 {
				rest = 1 + random.IntN(3)
			}
		}
	}
	value, interval, _ = p.typical()
	return value, interval
}

func TestTheTaxIntervalCoversTheTruth(t *testing.T) {
	const tax = 0.2
	even := spikes(0, 1)
	for _, c := range []struct {
		name        string
		common, own simulatedTimes
	}{
		{"common AR(1) 0.99 and log-normal 0.3", slowPhases(1, 0.99), logNormal(0.3)},
		{"log-normal 1", even, logNormal(1)},
		{"log-normal 0.3 and 3 % spikes of 20x", even, product(logNormal(0.3), spikes(0.03, 20))},
		{"Pareto 1.5", even, pareto(1.5)},
		{"all of them", slowPhases(1, 0.99), product(logNormal(1), spikes(0.03, 20), pareto(1.5))},
		{"drift and log-normal 0.3", drift(2), logNormal(0.3)},
	} {
		for _, pairs := range []int64{12, 24, 25, 100} {
			if pairs == 100 && *simulations < allSimulations {
				continue // this case takes as long as all the others
			}
			t.Run(fmt.Sprintf("%s, %d pairs", c.name, pairs), func(t *testing.T) {
				expectCoverage(t, coverage(t, tax, func(random *rand.Rand) (float64, [2]float64) {
					return simulatedTax(random, tax, pairs, c.common, c.own)
				}))
			})
		}
	}
}

// simulatedRatio simulates a run in which V2 takes half of V1's time.
func simulatedRatio(random *rand.Rand, batches int, common, v1, v2 simulatedTimes) evidence.Ratio {
	const microsecond = 1000
	var s Pairs
	shared, first, second := common(random), v1(random), v2(random)
	for range batches {
		both := shared() * microsecond
		s.Add(time.Duration(both*1000*first()), time.Duration(both*500*second()))
	}
	return s.Ratio("")
}

func TestTheRatioIntervalCoversTheTruth(t *testing.T) {
	even := spikes(0, 1)
	for _, c := range []struct {
		name           string
		common, v1, v2 simulatedTimes
	}{
		{"AR(1) 0.9 of each path", even, slowPhases(0.5, 0.9), slowPhases(0.5, 0.9)},
		{"AR(1) 0.9 of both and log-normal 1", slowPhases(0.5, 0.9), logNormal(1), logNormal(1)},
		{"AR(1) 0.5 and log-normal 1", even, product(slowPhases(0.5, 0.5), logNormal(1)), logNormal(1)},
		{"3 % spikes of 20x", even, spikes(0.03, 20), spikes(0.03, 20)},
		{"Pareto 2.5", even, pareto(2.5), pareto(2.5)},
		{"V2 in bursts of 8, log-normal 1", even, logNormal(1), product(bursts(8), logNormal(1))},
	} {
		t.Run(c.name, func(t *testing.T) {
			expectCoverage(t, coverage(t, 2, func(random *rand.Rand) (float64, [2]float64) {
				r := simulatedRatio(random, 4000, c.common, c.v1, c.v2)
				return float64(r.Value), r.CI95
			}))
		})
	}
}
