package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"parallax/processors/partitions"
)

// DataScenario is the scenario name of results for a user's own data and query.
const DataScenario = "data"

// fewRecords is a number of records below which one-time work, such as the first occurrence
// of a key, dominates the measurement.
const fewRecords = 50_000

// RunData measures a user's query over the user's values, one on each line: V1 and V2,
// without a floor. If the query's state cannot be split, V2 has one partition, and the
// notes say why.
func RunData(ctx context.Context, sql string, values io.Reader, opt Options, doc *Document) error {
	if err := opt.Validate(); err != nil {
		return err
	}
	opt = opt.withDefaults()
	q, err := newQuery(sql)
	if err != nil {
		return err
	}
	if n := len(q.plan.Sources); n != 1 {
		return fmt.Errorf("values are those of one topic, and this script reads %d", n)
	}
	lines, err := readLines(values, opt.Records)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return errors.New("there are no values")
	}
	in := InputOf(q.plan.Sources[0].Topic, lines)
	if err := q.survey(ctx, in, doc); err != nil {
		return err
	}
	if in.Len() < fewRecords {
		doc.Notes = append(doc.Notes, fmt.Sprintf("%d records are few: the figures are of starting up as much as of running", in.Len()))
	}
	paths, err := choosePaths(opt.Paths)
	if err != nil {
		return err
	}
	partitions := q.partitionCounts(doc)
	b := &benchmark{opt: opt, doc: doc}
	s := &scenario{id: DataScenario, title: "your data and query"}
	for _, batch := range opt.Batches {
		if batch > in.Len() && batch != b.mainBatch() {
			continue // all records would be one batch
		}
		c := &course{scenario: s, in: in}
		for _, p := range paths {
			if p.name == "shadow" || p.evenly || p.cores > runtime.NumCPU() || p.partitions > 0 && !slices.Contains(partitions, p.partitions) {
				continue
			}
			if r := p.build(s, q); r != nil {
				c.lanes = append(c.lanes, &lane{path: p, run: r, batch: batch})
			}
		}
		if err := b.run(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// partitionCounts returns the useful partition counts for a query: one if its state cannot
// be split.
func (q *query) partitionCounts(doc *Document) []int {
	whole := 0
	for _, one := range q.plan.Queries {
		if !one.Split.Stateless && len(one.Split.By) == 0 {
			whole++
			doc.Notes = append(doc.Notes, fmt.Sprintf("%s cannot be split over V2's partitions: %s", one.Sink.Name, one.Split.Reason))
		}
	}
	if whole == len(q.plan.Queries) {
		return []int{1}
	}
	return []int{1, 2, 4, 8}
}

// readLines reads at most most lines, all for 0. Lines keep their bytes.
func readLines(r io.Reader, most int) ([][]byte, error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, longestLine)
	var lines [][]byte
	n := 0
	for (most == 0 || len(lines) < most) && in.Scan() {
		n++
		if text := bytes.TrimRight(in.Bytes(), "\r\n"); len(text) > 0 {
			lines = append(lines, bytes.Clone(text))
		}
	}
	if err := in.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d: the line is longer than %d MiB", n+1, longestLine>>20)
	} else if err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	return lines, nil
}

// longestLine is a limit against files that are not lines of values.
const longestLine = 64 << 20

// routing is how a V2 distributed the records.
type routing struct {
	strategy string
	skew     float64
}

// routingOf reads it after a run.
func routingOf(v *partitions.V2) routing {
	r := routing{strategy: v.Describe().Strategy}
	var most, sum int64
	parts := v.Partitions()
	for _, p := range parts {
		most, sum = max(most, p.Records), sum+p.Records
	}
	if sum > 0 {
		r.skew = float64(most) * float64(len(parts)) / float64(sum)
	}
	return r
}
