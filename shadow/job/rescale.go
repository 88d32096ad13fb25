package job

import (
	"context"
	"errors"
	"fmt"

	"parallax/processors"
)

// Rescaler returns what gives the V2 of the running job another number of partitions and returns
// its new configuration string; nil for a job without a V2.
func (j *Job) Rescaler() func(context.Context, int) (string, error) {
	if !j.hasV2() || j.build == nil {
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
		j.changing.Lock()
		defer j.changing.Unlock()
		now := *j.v2.Load()
		now.Partitions = n
		if err := j.replaceV2(ctx, r, now); err != nil {
			return "", err
		}
		return now.String(), nil
	}
}

// replaceV2 replaces the running V2 by another one, with its state. Called with changing held.
func (j *Job) replaceV2(ctx context.Context, r *running, next processors.Config) error {
	name := next.String()
	err := r.runner.Rescale(ctx, func() (processors.Processor, error) { return j.build(next) }, func(from int64) { j.becomes(from, j.withV2(next)) })
	if err != nil { // the builder may still be at work
		return err
	}
	j.setV2(next)
	if s := j.stages.Load(); s != nil {
		s.becomes(j.IdentityNow())
		s.restartStep(ctx, r.runner, "V2 was rescaled to "+name)
	}
	return nil
}
