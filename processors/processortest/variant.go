package processortest

import (
	"fmt"
	"strings"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/plan"
)

// Variant is a way to run a plan.
type Variant struct {
	Name string
	New  func(p *plan.Plan, opt processors.Options) (processors.Processor, error)
}

// Named returns the variant that a configuration string names.
func Named(config string) Variant {
	return Variant{Name: config, New: func(p *plan.Plan, opt processors.Options) (processors.Processor, error) {
		cfg, err := processors.ParseConfig(config)
		if err != nil {
			return nil, err
		}
		return factory.New(cfg, p, opt)
	}}
}

// sliceSizes are the sizes of slices that must not matter.
var sliceSizes = []int{1, 7, 64}

// inSlices is the part of a variant's name between the name without slices and their size.
const inSlices = " in slices of "

// InSlices returns the variant that processes a batch in slices of size records.
func (v Variant) InSlices(size int) Variant {
	return Variant{Name: fmt.Sprint(v.Name, inSlices, size), New: func(p *plan.Plan, opt processors.Options) (processors.Processor, error) {
		opt.Slice = size
		return v.New(p, opt)
	}}
}

// whole reports whether the variant keeps all groups in one place, so that it emits all
// groups of a window when it emits one.
func (v Variant) whole() bool {
	name, _, _ := strings.Cut(v.Name, inSlices)
	return name == "v1" || name == "v2:1" || name == Oracle.Name
}
