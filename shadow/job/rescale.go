package job

import (
	"context"
	"errors"
	"fmt"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/shadow/candidate"
)

// Candidates says how the job's V2s are made.
func (j *Job) Candidates(v2 processors.Config, build func(processors.Config) (processors.Processor, error)) {
	j.v2.Store(&v2)
	j.Candidate = func() (processors.Processor, error) { return build(*j.v2.Load()) } // also after the brokers were away
	if l, err := partitions.NewLocator(j.Plan, v2); err == nil {                      // else V2 cannot be built either, which says why
		j.PartitionOf = l.PartitionOf
	}
	j.Resized = func(partitions int) (processors.Processor, error) {
		other := *j.v2.Load()
		other.Partitions = partitions
		return build(other)
	}
}

// V2 is the configuration string of the job's V2 as it runs now.
func (j *Job) V2() string {
	if v2 := j.v2.Load(); v2 != nil {
		return v2.String()
	}
	return processors.Config{Architecture: processors.ArchitectureOff}.String()
}

// Rescaler returns what gives the V2 of the running job another number of partitions and returns
// its new configuration string; nil for a job without a V2.
func (j *Job) Rescaler() func(context.Context, int) (string, error) {
	if j.Candidate == nil || j.Resized == nil {
		return nil
	}
	return func(ctx context.Context, n int) (string, error) {
		if n > processors.MaxPartitions {
			return "", fmt.Errorf("partitions: %d must be at most %d", n, processors.MaxPartitions)
		}
		r := j.running.Load()
		if r == nil {
			return "", errors.New("the job is not running yet")
		}
		var name string
		err := r.runner.Rescale(ctx, func() (processors.Processor, error) {
			p, err := j.Resized(n)
			if err == nil {
				d, _ := candidate.Ask(p.Describe)
				name = d.Name
			}
			return p, err
		})
		if err != nil { // the builder may still be at work
			return "", err
		}
		now := *j.v2.Load()
		now.Partitions = n
		j.v2.Store(&now)
		if s := j.stages.Load(); s != nil {
			s.restartStep(ctx, r.runner, "V2 was rescaled to "+name)
		}
		return name, nil
	}
}
