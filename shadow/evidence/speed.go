package evidence

import (
	"math"
	"slices"

	"parallax/shadow/estimate"
)

// Speed contains the sums of the two paths' times over batches that both finished, from
// which figures of any number of spans are computed.
type Speed struct {
	// Records and Rows (V1's, V2's) are those of the batches.
	Records int64    `json:"records"`
	Rows    [2]int64 `json:"rows"`
	Batches int64    `json:"batches"`
	// Blocks are sums of consecutive batches.
	Blocks []Block `json:"blocks"`
	// Ratios are those of the batches, V1's time over V2's.
	Ratios Histogram `json:"ratios"`
	// Service and FetchToDone are times of batches by path, in ns.
	Service     [2]Histogram `json:"service_ns"`
	FetchToDone [2]Histogram `json:"fetch_to_done_ns"`
	Censored    Censored     `json:"censored"`
	// AtLeast: V2's service times contain those of batches for which it was abandoned.
	AtLeast bool `json:"at_least"`
}

// Block is a sum of the times of consecutive batches, in ns.
type Block struct {
	Batches int64 `json:"n"`
	V1      int64 `json:"v1_ns"`
	V2      int64 `json:"v2_ns"`
}

func (b Block) plus(o Block) Block { return Block{b.Batches + o.Batches, b.V1 + o.V1, b.V2 + o.V2} }

const (
	// storedBlocks is how many blocks a stored span has at most, keptBlocks a sum of spans.
	storedBlocks = 40
	keptBlocks   = 4096
	// estimateBlocks is how many blocks of about as many batches an interval is made of.
	estimateBlocks = 20
)

// Add adds a batch. came says that it is known when the batch was fetched; toDone are then
// the times from there.
func (s *Speed) Add(records int, rows [2]int, took, toDone [2]int64, came bool) {
	s.Records += int64(records)
	s.Batches++
	for path := range s.Rows {
		s.Rows[path] += int64(rows[path])
		s.Service[path].Add(float64(took[path]))
		if came {
			s.FetchToDone[path].Add(float64(toDone[path]))
		}
	}
	if took[0] > 0 && took[1] > 0 {
		s.Ratios.Add(float64(took[0]) / float64(took[1]))
	}
	s.addBlock(Block{1, took[0], took[1]}, 2*storedBlocks)
}

// Censor adds a batch for which V2 was abandoned after the time had, in ns.
func (s *Speed) Censor(records int, had int64) {
	s.Censored.Batches++
	s.Censored.Records += int64(records)
	s.Censored.Waited = max(s.Censored.Waited, Duration(had))
	s.AtLeast = true
	if had > 0 {
		s.Service[1].Add(float64(had))
	}
}

// addBlock appends a block. Too many are joined, those with the fewest batches first, so that
// all become about as long.
func (s *Speed) addBlock(b Block, most int) {
	if n := len(s.Blocks); n > 0 && s.Blocks[n-1].Batches < s.perBlock() {
		s.Blocks[n-1] = s.Blocks[n-1].plus(b)
		return
	}
	if s.Blocks = append(s.Blocks, b); len(s.Blocks) > most {
		s.joinBlocks(most / 2)
	}
}

// perBlock is how many batches a block should have: as many as the longest one before the last.
func (s *Speed) perBlock() (n int64) {
	if len(s.Blocks) > 1 {
		n = s.Blocks[0].Batches
	}
	return n
}

// joinBlocks makes at most n blocks, each of about the same number of batches.
func (s *Speed) joinBlocks(n int) {
	all := int64(0)
	for _, b := range s.Blocks {
		all += b.Batches
	}
	var out []Block
	before := int64(0)
	for _, b := range s.Blocks {
		// the block of the middle of b
		if i := int((2*before + b.Batches) * int64(n) / (2 * all)); i < len(out) {
			out[len(out)-1] = out[len(out)-1].plus(b)
		} else {
			out = append(out, b)
		}
		before += b.Batches
	}
	s.Blocks = out
}

// Merge adds the times of the batches that follow.
func (s *Speed) Merge(o Speed) {
	s.Records += o.Records
	s.Batches += o.Batches
	for path := range s.Rows {
		s.Rows[path] += o.Rows[path]
		s.Service[path].Merge(o.Service[path])
		s.FetchToDone[path].Merge(o.FetchToDone[path])
	}
	s.Ratios.Merge(o.Ratios)
	s.Blocks = append(s.Blocks, o.Blocks...)
	if len(s.Blocks) > keptBlocks {
		s.joinBlocks(keptBlocks / 2)
	}
	s.Censored.Batches += o.Censored.Batches
	s.Censored.Records += o.Censored.Records
	s.Censored.Waited = max(s.Censored.Waited, o.Censored.Waited)
	s.AtLeast = s.AtLeast || o.AtLeast
}

// sum is that of all blocks.
func (s *Speed) sum() (sum Block) {
	for _, b := range s.Blocks {
		sum = sum.plus(b)
	}
	return sum
}

// throughput returns the figures. busy is the time that V2's engines were busy, in ns; why
// says why the paths' speeds are not comparable, "" if they are.
func (s *Speed) throughput(busy int64, why string) Throughput {
	sum := s.sum()
	return Throughput{
		Paths:     Paths{V1: s.path(0, sum.V1, sum.V1), V2: s.path(1, sum.V2, busy)},
		Contended: s.ratio(why), Censored: s.Censored,
	}
}

func (s *Speed) path(path int, took, busy int64) Path {
	p := Path{Rows: s.Rows[path], Service: quantiles(s.Service[path]), FetchToDone: quantiles(s.FetchToDone[path])}
	p.Service.AtLeast = path == 1 && s.AtLeast
	if took > 0 {
		p.RecordsPerSecond = Figure(float64(s.Records) / (float64(took) / 1e9))
	}
	if s.Records > 0 {
		p.BusyPerMillion = Figure(float64(busy) / 1e9 * 1e6 / float64(s.Records))
	}
	return p
}

func quantiles(h Histogram) Quantiles {
	at := func(q float64) Duration { return Duration(math.Round(h.Quantile(q))) }
	return Quantiles{P50: at(0.5), P95: at(0.95), P99: at(0.99), P999: at(0.999)}
}

// ratio returns V2's speed over V1's.
func (s *Speed) ratio(why string) Ratio {
	sum := s.sum()
	if why == "" && (sum.V1 <= 0 || sum.V2 <= 0) {
		why = "no batch was measured on both paths"
	}
	r := Ratio{Batches: int(s.Batches), Pairs: int(s.Batches)}
	if why != "" {
		r.Why = why
		return r
	}
	r.Comparable, r.Value, r.Median = true, Figure(float64(sum.V1)/float64(sum.V2)), Figure(s.Ratios.Quantile(0.5))
	even := Speed{Blocks: slices.Clone(s.Blocks)}
	if len(even.Blocks) > estimateBlocks {
		even.joinBlocks(estimateBlocks)
	}
	var pairs [][2]float64
	for _, b := range even.Blocks {
		pairs = append(pairs, [2]float64{float64(b.V1), float64(b.V2)})
	}
	if e, isKnown := estimate.RatioOfSums(pairs); isKnown {
		value := float64(r.Value)
		r.CI95 = Interval{min(e.Low, value), max(e.High, value)}
	}
	return r
}

// TaxPairs are measurements of how much V2 slows V1 down.
type TaxPairs struct {
	Held    int64 `json:"held"`
	Running int64 `json:"running"`
	// Pairs is how many there were, Differences log(running/held) of some of them.
	Pairs       int64     `json:"pairs"`
	Differences []float64 `json:"differences"`
	// HeldTimes and RunningTimes are V1's times for 1,000 records, in ns.
	HeldTimes    Histogram `json:"held_ns"`
	RunningTimes Histogram `json:"running_ns"`
}

const (
	// storedDifferences is how many a span has at most, keptDifferences a sum of spans.
	storedDifferences = 64
	keptDifferences   = 512
	fewestTaxPairs    = 8
)

// Merge adds later measurements.
func (t *TaxPairs) Merge(o TaxPairs) {
	t.Held, t.Running, t.Pairs = t.Held+o.Held, t.Running+o.Running, t.Pairs+o.Pairs
	t.HeldTimes.Merge(o.HeldTimes)
	t.RunningTimes.Merge(o.RunningTimes)
	t.Differences = append(slices.Clip(t.Differences), o.Differences...)
	t.thin(2 * keptDifferences)
}

// thin drops every second difference while there are too many.
func (t *TaxPairs) thin(most int) {
	for len(t.Differences) > most {
		kept := make([]float64, 0, len(t.Differences)/2+1)
		for i := 0; i < len(t.Differences); i += 2 {
			kept = append(kept, t.Differences[i])
		}
		t.Differences = kept
	}
}

// tax returns the figures.
func (t *TaxPairs) tax() Tax {
	s := Tax{Pairs: len(t.Differences), Held: t.Held, Running: t.Running}
	if len(t.Differences) < fewestTaxPairs {
		return s
	}
	e, isKnown := estimate.TypicalDifference(t.Differences)
	if !isKnown {
		return s
	}
	value, interval := math.Expm1(e.Value), [2]float64{math.Expm1(e.Low), math.Expm1(e.High)}
	const perRecord = 1e6 // ns for 1,000 records as µs for one
	s.Value, s.CI95 = &value, &interval
	s.P99 = &TaxP99{Running: t.RunningTimes.Quantile(0.99) / perRecord, Held: t.HeldTimes.Quantile(0.99) / perRecord}
	return s
}
