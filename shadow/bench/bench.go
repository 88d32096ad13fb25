package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"parallax/shadow/workload"
)

// Options select what a run of the benchmark measures. The zero value of a field is the
// default of `make bench`.
type Options struct {
	Scenarios, Paths []string
	// Sections are what is measured, by their names on the page; none stands for all.
	Sections        []string
	Batches         []int
	Records, Rounds int
	Seed            uint64
	// Progress is called with the name of the next measurement; it may be nil.
	Progress func(string)
}

const (
	// MainBatch is the batch size at which all paths are measured, by default the default
	// of a job. At other sizes only the paths that use batches are measured.
	MainBatch = 1_000

	defaultRecords = 300_000
	// A batch size wants as many records as fill this many batches.
	fewestBatches = 8

	defaultRounds = 11
)

var (
	defaultBatches = []int{MainBatch, 10_000, 100_000}
	otherBatches   = []string{"direct@1", "v1@1", "v1@2", "v2:4@2"}
)

// Validate names the field and the value that cannot be measured.
func (o Options) Validate() error {
	for _, id := range o.Scenarios {
		if !slices.Contains(Scenarios(), id) {
			_, err := lookup(id)
			return fmt.Errorf("scenario: %w", err)
		}
	}
	if _, err := choosePaths(o.Paths); err != nil {
		return fmt.Errorf("path: %w", err)
	}
	if err := o.validateSections(); err != nil {
		return fmt.Errorf("section: %w", err)
	}
	for _, b := range o.Batches {
		if b <= 0 {
			return fmt.Errorf("batch: %d must be greater than 0", b)
		}
	}
	switch {
	case o.Records < 0:
		return fmt.Errorf("records: %d must not be negative", o.Records)
	case o.Rounds < 0:
		return fmt.Errorf("rounds: %d must not be negative", o.Rounds)
	}
	return nil
}

func (o Options) withDefaults() Options {
	if len(o.Scenarios) == 0 {
		o.Scenarios = Scenarios()
	}
	if len(o.Batches) == 0 {
		o.Batches = defaultBatches
	}
	if o.Rounds == 0 {
		o.Rounds = defaultRounds
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	return o
}

// Run measures the paths that need no broker. It adds their results, and the skipped
// measurements, to the document.
func Run(ctx context.Context, opt Options, doc *Document) error {
	if err := opt.Validate(); err != nil {
		return err
	}
	b := &benchmark{opt: opt.withDefaults(), doc: doc}
	for _, id := range b.opt.Scenarios {
		s, q, err := b.scenario(id)
		if err != nil {
			doc.Skipped = append(doc.Skipped, fmt.Sprintf("scenario %s: %v", id, err))
			continue
		}
		if err := b.sections(ctx, s, q); err != nil {
			return err
		}
	}
	return nil
}

// sections measures a scenario for the sections that were chosen.
func (b *benchmark) sections(ctx context.Context, s *scenario, q *query) error {
	if b.opt.wants(SectionThroughput) {
		for _, batch := range b.opt.Batches {
			if err := b.course(ctx, s, q, batch); err != nil {
				return err
			}
		}
	}
	if b.opt.wants(SectionBatches) {
		if err := b.batchSizes(ctx, s, q); err != nil {
			return err
		}
	}
	if b.opt.wants(SectionBreakdown) {
		return b.breakDown(ctx, s, q)
	}
	return nil
}

// benchmark is a run of it.
type benchmark struct {
	opt Options
	doc *Document
	// data caches the generated input, because consecutive scenarios mostly share it.
	data *Input
}

// scenario finds a scenario and compiles its query.
func (b *benchmark) scenario(id string) (*scenario, *query, error) {
	s, err := lookup(id)
	if err != nil {
		return nil, nil, err
	}
	q, err := newQuery(s.sql)
	if err != nil {
		return nil, nil, err
	}
	return s, q, nil
}

// input generates a scenario's records, or as many of those that are there.
func (b *benchmark) input(s *scenario, batch int) *Input {
	n := b.opt.Records
	if n == 0 {
		n = max(defaultRecords, fewestBatches*batch)
	}
	if s.records > 0 {
		n = s.records
	}
	if b.data == nil || !slices.Equal(b.data.Topics, s.topics) || b.data.Len() < n {
		most := n
		for _, size := range b.opt.Batches {
			if b.opt.Records == 0 && s.records == 0 {
				most = max(most, fewestBatches*size)
			}
		}
		b.data = NewInput(s.data, workload.Options{Records: most, Seed: b.opt.Seed})
	}
	return b.data.first(n)
}

// course measures a scenario at one batch size.
func (b *benchmark) course(ctx context.Context, s *scenario, q *query, batch int) error {
	c, err := b.lanes(s, q, batch)
	if err != nil || len(c.lanes) == 0 {
		return err
	}
	return b.run(ctx, c)
}

// run measures a course and adds its results.
func (b *benchmark) run(ctx context.Context, c *course) error {
	s := c.scenario
	b.opt.Progress(fmt.Sprintf("scenario %s (%s), batches of %d, %d records, %d paths", s.id, s.title, c.lanes[0].batch, c.in.Len(), len(c.lanes)))
	if err := c.check(); err != nil {
		return err
	}
	if err := c.measure(ctx, b.opt.Rounds); err != nil {
		return err
	}
	if err := c.countAllocations(); err != nil {
		return err
	}
	c.compare()
	b.doc.Results = append(b.doc.Results, c.results(c.lanes, b.opt.Rounds)...)
	return nil
}

func (b *benchmark) lanes(s *scenario, q *query, batch int) (*course, error) {
	c := &course{scenario: s}
	if s.mainOnly && batch != b.mainBatch() {
		return c, nil
	}
	chosen, err := choosePaths(b.opt.Paths)
	if err != nil {
		return nil, err
	}
	for _, p := range chosen {
		if p.cores > runtime.NumCPU() {
			b.skip(fmt.Sprintf("%s on %d cores: this machine has %d", p.name, p.cores, runtime.NumCPU()))
			continue
		}
		if len(b.opt.Paths) == 0 && batch != b.mainBatch() && !slices.Contains(otherBatches, p.key()) {
			continue
		}
		if r := p.build(s, q); r != nil {
			c.lanes = append(c.lanes, &lane{path: p, run: r, batch: batch})
		}
	}
	if len(c.lanes) > 0 {
		c.in = b.input(s, batch)
	}
	return c, nil
}

// mainBatch is MainBatch, or the first of those that were asked for.
func (b *benchmark) mainBatch() int {
	if slices.Contains(b.opt.Batches, MainBatch) {
		return MainBatch
	}
	return b.opt.Batches[0]
}

func (b *benchmark) skip(what string) {
	if !slices.Contains(b.doc.Skipped, what) {
		b.doc.Skipped = append(b.doc.Skipped, what)
	}
}
