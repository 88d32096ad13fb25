package bench

import (
	"fmt"
	"slices"
	"strings"
)

// The sections that the benchmark measures, by their names on the page.
const (
	SectionThroughput  = "throughput"
	SectionBatches     = "batches"
	SectionBreakdown   = "breakdown"
	SectionScaling     = "scaling"
	SectionShadow      = "shadow"
	SectionCheckpoints = "checkpoints"
	SectionStages      = "stages"
	SectionKafka       = "kafka"
)

// Sections are the names of all sections that can be measured alone.
func Sections() []string {
	return []string{SectionThroughput, SectionBatches, SectionBreakdown, SectionScaling, SectionShadow, SectionCheckpoints, SectionStages, SectionKafka}
}

// wants reports whether a section was chosen.
func (o *Options) wants(section string) bool {
	return len(o.Sections) == 0 || slices.Contains(o.Sections, section)
}

func (o *Options) validateSections() error {
	for _, s := range o.Sections {
		if !slices.Contains(Sections(), s) {
			return fmt.Errorf("unknown section %q: use some of %s", s, strings.Join(Sections(), ", "))
		}
	}
	return nil
}
