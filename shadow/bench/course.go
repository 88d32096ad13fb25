package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// course is a scenario's paths, measured side by side.
type course struct {
	scenario *scenario
	in       *Input
	lanes    []*lane
}

// lane is one path on a course.
type lane struct {
	path  *path
	run   run
	batch int
	// want is the first run's output; every later run must equal it.
	want    output
	differs string
	// wall and cpu are a round's each, in ns a record.
	wall, cpu []float64
	allocs    float64
	ratios    []ratio
}

// ratio is a lane's speed over another's.
type ratio struct {
	to        string
	wall, cpu Spread
}

// check runs every lane once, and marks those with wrong rows: rows other than the first
// lane's, or than the scenario's known number.
func (c *course) check() error {
	for i, l := range c.lanes {
		l.want.check = true
		if _, _, err := l.once(c.in, &l.want); err != nil {
			return c.failed(l, err)
		}
		first := c.lanes[0]
		switch {
		case c.scenario.rows != nil:
			if want := c.scenario.rows(l.path, c.in); l.want.rows != want {
				l.differs = fmt.Sprintf("%d rows, and %d would be right", l.want.rows, want)
			}
		case i > 0 && (l.want.rows != first.want.rows || l.want.sum != first.want.sum):
			l.differs = fmt.Sprintf("%d rows with checksum %s, and %s gave %d with %s",
				l.want.rows, l.want.checksum(), first.path.name, first.want.rows, first.want.checksum())
		}
	}
	return nil
}

func (c *course) failed(l *lane, err error) error {
	return fmt.Errorf("scenario %s, path %s, batches of %d: %w", c.scenario.id, l.path.name, l.batch, err)
}

// measure runs the lanes alternately for a number of rounds. Each round starts with another
// lane, and every second round runs in reverse.
func (c *course) measure(ctx context.Context, rounds int) error {
	n := len(c.lanes)
	for round := range rounds {
		for i := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			at := (round/2 + i) % n
			if round%2 == 1 {
				at = n - 1 - at
			}
			if err := c.turn(c.lanes[at]); err != nil {
				return c.failed(c.lanes[at], err)
			}
		}
	}
	return nil
}

// turn is a lane's part of a round.
func (c *course) turn(l *lane) error {
	if l.differs != "" {
		return nil
	}
	var out output
	wall, cpu, err := l.once(c.in, &out)
	if err != nil {
		return err
	}
	if out.rows != l.want.rows || out.bytes != l.want.bytes {
		l.differs = fmt.Sprintf("%d rows of %d bytes, and %d of %d the first time", out.rows, out.bytes, l.want.rows, l.want.bytes)
		return nil
	}
	n := float64(c.in.Len())
	l.wall = append(l.wall, float64(wall.Nanoseconds())/n)
	l.cpu = append(l.cpu, float64(cpu.Nanoseconds())/n)
	return nil
}

// once runs a lane's path on its cores, after collecting the garbage of the previous run.
func (l *lane) once(in *Input, out *output) (wall, cpu time.Duration, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(l.path.cores))
	runtime.GC()
	used, start := cpuTime(), time.Now()
	err = l.run(in, l.batch, out)
	return time.Since(start), cpuTime() - used, err
}

// countAllocations counts the allocations for a record after the path has warmed up: those
// of all records minus those of the first half.
func (c *course) countAllocations() error {
	half := c.in.Len() / 2
	for _, l := range c.lanes {
		if l.differs != "" {
			continue
		}
		all, err := l.mallocs(c.in)
		if err != nil {
			return c.failed(l, err)
		}
		warm, err := l.mallocs(c.in.first(half))
		if err != nil {
			return c.failed(l, err)
		}
		l.allocs = max(0, float64(all-warm)/float64(c.in.Len()-half))
	}
	return nil
}

func (l *lane) mallocs(in *Input) (int64, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	_, _, err := l.once(in, &output{})
	runtime.ReadMemStats(&after)
	return int64(after.Mallocs - before.Mallocs), err
}

// compare sets the lanes' ratios to the reference paths: floor and direct on one core, v1
// on as many cores as the lane has.
func (c *course) compare() {
	for _, l := range c.lanes {
		for _, other := range c.lanes {
			name := other.path.name
			cores := other.path.cores
			held := (name == "floor" || name == "direct") && cores == oneCore || name == "v1" && cores == l.path.cores
			if !held || other == l || l.differs != "" || other.differs != "" {
				continue
			}
			l.ratios = append(l.ratios, ratio{name, pairedRatio(l.wall, other.wall), pairedRatio(l.cpu, other.cpu)})
		}
	}
}

// results are lanes' as the document has them.
func (c *course) results(lanes []*lane, rounds int) []Result {
	var list []Result
	for _, l := range lanes {
		r := Result{
			Scenario: c.scenario.id, Path: l.path.name, Batch: l.batch, Cores: l.path.cores,
			Records: c.in.Len(), Rows: l.want.rows, Checksum: l.want.checksum(), Rounds: rounds, Differs: l.differs,
			Skew: l.want.routing.skew, Strategy: l.want.routing.strategy,
		}
		if l.differs == "" {
			wall, cpu := spreadOf(l.wall), median(l.cpu)
			r.NsPerRecord, r.CPUNsPerRecord, r.AllocsPerRecord = &wall, &cpu, &l.allocs
			r.RatioTo, r.RatioSpread, r.CPURatioTo = map[string]float64{}, map[string]Spread{}, map[string]float64{}
			for _, one := range l.ratios {
				r.RatioTo[one.to], r.RatioSpread[one.to] = one.wall.Median, one.wall
				if one.cpu.Median > 0 { // CPU time is not available on every system
					r.CPURatioTo[one.to] = one.cpu.Median
				}
			}
		}
		list = append(list, r)
	}
	return list
}
