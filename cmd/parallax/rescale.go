package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/shadow"
)

// candidates says how the job's V2s are made.
func (j *job) candidates(v2 processors.Config, build func(processors.Config) (processors.Processor, error)) {
	j.v2 = func() (processors.Processor, error) { return build(v2) }
	if l, err := partitions.NewLocator(j.plan, v2); err == nil { // else V2 cannot be built either, which says why
		j.partitionOf = l.PartitionOf
	}
	j.resized = func(partitions int) (processors.Processor, error) {
		other := v2
		other.Partitions = partitions
		return build(other)
	}
}

// rescaler rescales the V2 of the runner that runs; nil for a job without a V2.
func (j *job) rescaler(running *atomic.Pointer[shadow.Runner]) func(context.Context, int) (string, error) {
	if j.v2 == nil || j.resized == nil {
		return nil
	}
	return func(ctx context.Context, n int) (string, error) {
		if n > processors.MaxPartitions {
			return "", fmt.Errorf("partitions: %d is above %d", n, processors.MaxPartitions)
		}
		r := running.Load()
		if r == nil {
			return "", errors.New("the job does not run yet")
		}
		var name string
		err := r.Rescale(ctx, func() (processors.Processor, error) {
			p, err := j.resized(n)
			if err == nil {
				name = p.Describe().Name
			}
			return p, err
		})
		if err != nil { // the builder may still be at work
			return "", err
		}
		return name, nil
	}
}
