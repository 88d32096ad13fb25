package job

import (
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/row"
)

// Candidates says how the job's V2s are made, and which one it begins with, if any.
func (j *Job) Candidates(v2 processors.Config, build func(processors.Config) (processors.Processor, error)) {
	j.build = build
	j.setV2(v2)
	if !isOff(v2) {
		j.Candidate = j.buildV2
	}
	j.PartitionOf = func(b *row.Batch, c *row.Change) int32 {
		if l := j.locator.Load(); l != nil {
			return l.PartitionOf(b, c)
		}
		return -1
	}
}

// buildV2 builds the V2 that the job has now, which another incarnation begins with as well.
func (j *Job) buildV2() (processors.Processor, error) { return j.build(j.v2Now()) }

// Resized builds the V2 of now with another number of partitions.
func (j *Job) Resized(partitions int) (processors.Processor, error) {
	other := j.v2Now()
	other.Partitions = partitions
	return j.build(other)
}

// candidate is what builds the V2 that an incarnation begins with; nil where V2 is off.
func (j *Job) candidate() func() (processors.Processor, error) {
	switch {
	case j.build == nil:
		return j.Candidate
	case !j.hasV2():
		return nil
	}
	return j.buildV2
}

// setV2 says which V2 the job has now.
func (j *Job) setV2(v2 processors.Config) {
	j.v2.Store(&v2)
	l, err := partitions.NewLocator(j.Plan, v2)
	if err != nil { // then V2 cannot be built either, which says why
		l = nil
	}
	j.locator.Store(l)
}

// V2 is the configuration string of the job's V2 as it runs now.
func (j *Job) V2() string { return j.v2Now().String() }

func (j *Job) v2Now() processors.Config {
	if v2 := j.v2.Load(); v2 != nil {
		return *v2
	}
	return processors.Config{Architecture: processors.ArchitectureOff}
}

func (j *Job) hasV2() bool { return j.v2Now().Architecture != processors.ArchitectureOff }
