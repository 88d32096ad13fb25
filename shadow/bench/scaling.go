package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"parallax/shadow/workload"
)

// Scaling is V2's speed relative to V1's on a number of cores, measured or predicted.
type Scaling struct {
	Scenario   string  `json:"scenario"`
	Partitions int     `json:"partitions"`
	Cores      int     `json:"cores"`
	Batch      int     `json:"batch"`
	Speedup    float64 `json:"speedup"`
	// Predicted is false for a measurement.
	Predicted bool `json:"predicted"`
	// KeySkewCap is the speed-up limit that follows from the largest partition's share of
	// the work, for any number of cores. HandOffNs is the time that the prediction adds to
	// each task. Both are absent for measurements.
	KeySkewCap float64 `json:"key_skew_cap,omitempty"`
	HandOffNs  int64   `json:"hand_off_ns,omitempty"`
}

const (
	scalingRecords = 400_000
	scalingRuns    = 3
	// v2Window is the number of batches that V2 has in flight.
	v2Window = 8
)

var (
	scalingPartitions = []int{1, 2, 4, 8}
	scalingCores      = []int{1, 2, 4, 8}
	scalingBatches    = []int{MainBatch, 10_000}
)

// RunScaling adds V2's gain from more cores to the document: measured, from its results,
// and predicted, from the times of the parts of the work, for more cores than the machine
// has.
func RunScaling(ctx context.Context, id string, opt Options, doc *Document) error {
	opt = opt.withDefaults()
	s, err := lookup(id)
	if err != nil {
		doc.Skipped = append(doc.Skipped, fmt.Sprintf("scaling, scenario %s: %v", id, err))
		return nil
	}
	q, err := newQuery(s.sql)
	if err != nil {
		return err
	}
	if runtime.NumCPU() < twoCores {
		doc.Skipped = append(doc.Skipped, "scaling: a hand-off between cores wants two")
		return nil
	}
	opt.Progress(fmt.Sprintf("scenario %s, the parts of V2's work one at a time, to predict more cores", id))
	records := scalingRecords
	if opt.Records > 0 {
		records = min(records, opt.Records)
	}
	in := NewInput(s.data, workload.Options{Records: records, Seed: opt.Seed})
	for _, size := range scalingBatches {
		if fewestBatches*size > in.Len() {
			continue
		}
		doc.measuredScaling(id, size)
		if err := doc.predictScaling(ctx, id, q, in, size); err != nil {
			return fmt.Errorf("scenario %s, scaling: %w", id, err)
		}
	}
	return nil
}

func (d *Document) measuredScaling(id string, size int) {
	for _, n := range scalingPartitions {
		for _, r := range d.Results {
			speedup, ok := r.RatioTo["v1"]
			if ok && r.Scenario == id && r.Path == fmt.Sprintf("v2:%d", n) && r.Batch == size {
				d.Scaling = append(d.Scaling, Scaling{Scenario: id, Partitions: n, Cores: r.Cores, Batch: size, Speedup: speedup})
			}
		}
	}
}

func (d *Document) predictScaling(ctx context.Context, id string, q *query, in *Input, size int) error {
	skip := in.Len() / 4
	cost := handOff()
	var v1 time.Duration
	times := make([]*taskTimes, len(scalingPartitions))
	for run := range scalingRuns {
		if err := ctx.Err(); err != nil {
			return err
		}
		took, err := q.v1Time(in, size, skip)
		if err != nil {
			return err
		}
		if run == 0 || took < v1 {
			v1 = took
		}
		for i, n := range scalingPartitions {
			one, err := q.timesOf(n, in, size, skip)
			if err != nil {
				return err
			}
			if run == 0 {
				times[i] = one
			} else {
				times[i].best(one)
			}
		}
	}
	for i, n := range scalingPartitions {
		for _, cores := range scalingCores {
			d.Scaling = append(d.Scaling, Scaling{
				Scenario: id, Partitions: n, Cores: cores, Batch: size, Predicted: true,
				Speedup:    v1.Seconds() / times[i].schedule(cores, v2Window, cost).Seconds(),
				KeySkewCap: v1.Seconds() / times[i].largestPartition().Seconds(), HandOffNs: cost.Nanoseconds(),
			})
		}
	}
	return nil
}
