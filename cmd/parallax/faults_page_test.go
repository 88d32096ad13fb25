package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/demo"
	"parallax/shadow/ingest"
	"parallax/shadow/workload"
)

const (
	faultsPage  = "../../docs/FAULTS.md"
	faultsBegin = "<!-- generated from the catalogue: go test ./cmd/parallax -run FaultsPage -update -->\n"
)

// reproduction is what a fault's V2 and V1 are run over.
type reproduction struct {
	fault    faults.Kind
	scenario *workload.Scenario
	plan     *plan.Plan
}

func newReproduction(t *testing.T, k faults.Kind) *reproduction {
	t.Helper()
	id := k.Scenario
	if id == "" {
		id = workload.Default
	}
	s, err := workload.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(s.SQL, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return &reproduction{k, s, p}
}

// batches decodes records, puts them in order and cuts them, with a flush.
func (r *reproduction) batches(t *testing.T, records []row.Record, size int) (list []*row.Batch) {
	src := r.plan.Sources[0]
	seq := ingest.NewSequencer(r.plan.Sources)
	decoder, err := codec.NewDecoder(t.Context(), src, 0, codec.DecodeOptions{MaxFuture: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	chunks := map[row.TopicPartition]*ingest.Chunk{}
	var order []row.TopicPartition
	for _, rec := range records {
		c := chunks[rec.TopicPartition]
		if c == nil {
			c = &ingest.Chunk{Table: row.NewTable(src, 0)}
			chunks[rec.TopicPartition] = c
			order = append(order, rec.TopicPartition)
			seq.Add(rec.TopicPartition)
		}
		if err := decoder.Decode(t.Context(), &rec, c.Table); err != nil {
			t.Fatal(err)
		}
		c.Records = append(c.Records, rec)
	}
	for _, tp := range order {
		seq.Push(tp, *chunks[tp])
		seq.End(tp)
	}
	end := int64(0)
	for b := seq.Next(ingest.AtMost(size)); b != nil; b = seq.Next(ingest.AtMost(size)) {
		list = append(list, b)
		end = b.First + int64(b.Len())
	}
	return append(list, row.NewFlush(int64(len(list)), end, len(r.plan.Sources)))
}

// shows reports whether the fault shows as its first class over some records.
func (r *reproduction) shows(t *testing.T, records []row.Record, size int) bool {
	t.Helper()
	if len(records) == 0 {
		return false
	}
	f, err := faults.Parse(r.fault.Name)
	if err != nil {
		t.Fatal(err)
	}
	opt := deadLetterOptions(r.scenario)
	v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: 4}, r.plan, opt)
	if err != nil {
		t.Fatal(err)
	}
	v1, err := pipeline.New(r.plan, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer v1.Close()
	defer v2.Close()
	d := diff.New(r.plan.Sinks(), diff.Options{})
	for _, b := range r.batches(t, records, size) {
		one, err := v1.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		two, err := v2.Process(t.Context(), b)
		if err != nil {
			d.ArmError(b, diff.V2, -1, err)
			break
		}
		d.Compare(one, two)
	}
	return d.Result().ByClass[diff.Class(r.fault.Classes[0])] > 0
}

// attempt is a way to choose records, and to cut them.
type attempt struct {
	// every says that every so-manieth record of the scenario is taken, most how many at
	// most.
	every, most int
	size        int
	cut         string
}

// attempts are tried in order: what shows in one batch, what takes several, and what
// takes as much event time as the scenario has.
var attempts = []attempt{
	{1, 2_048, 2_048, "one batch"},
	{1, 8_192, 1, "a batch each"},
	{97, 1_024, 1, "a batch each"},
}

// smallest finds records of the scenario over which the fault shows and none of which
// can be left out; nil where it does not show over what an attempt takes.
func (r *reproduction) smallest(t *testing.T, a attempt) []row.Record {
	var records []row.Record
	g := r.scenario.Generate(workload.Options{Records: r.scenario.Records, Seed: 1, Partitions: demo.SourcePartitions})
	for i, n := 0, 1; !r.shows(t, records, a.size); n *= 2 {
		if n > a.most {
			return nil
		}
		for len(records) < n {
			rec, ok := g.Next()
			if !ok {
				return nil
			}
			if i%a.every == 0 {
				records = append(records, rec)
			}
			i++
		}
	}
	for part, again := (len(records)+1)/2, true; again; part = max(1, part/2) {
		again = part > 1
		for at := 0; at < len(records); {
			left := slices.Delete(slices.Clone(records), at, min(at+part, len(records)))
			if r.shows(t, left, a.size) {
				records, again = left, true
			} else {
				at += part
			}
		}
	}
	return records
}

// mostShown is how many records of a reproduction a cell has room for.
const mostShown = 6

// text shows the smallest reproduction in a cell of a table.
func (r *reproduction) text(t *testing.T) string {
	for _, a := range attempts {
		records := r.smallest(t, a)
		if records == nil {
			continue
		}
		text := fmt.Sprintf("%d records, %s:", len(records), a.cut)
		if len(records) == 1 {
			text = "1 record:"
		}
		for i, rec := range records {
			if i == mostShown {
				return text + " and so on"
			}
			text += fmt.Sprintf(" %d@%d", rec.Partition, rec.Offset)
		}
		return text
	}
	t.Errorf("%s does not show as %s over the records of its scenario", r.fault.Name, r.fault.Classes[0])
	return ""
}

// TestTheFaultsPageIsWhatTheCatalogueSays writes a row for each fault. What takes a
// running job to show has no smallest reproduction.
func TestTheFaultsPageIsWhatTheCatalogueSays(t *testing.T) {
	catalogue := faults.Catalogue()
	smallest := make([]string, len(catalogue))
	for i, k := range catalogue {
		if smallest[i] = "takes a running job"; len(k.Classes) > 0 && k.Name != "hang" && !k.InState {
			smallest[i] = newReproduction(t, k).text(t)
		}
	}
	var b strings.Builder
	b.WriteString("\n| fault | what goes wrong | shows as | hypothesis | equal at | exit | scenario | smallest reproduction |\n|---|---|---|---|---|---|---|---|\n")
	for i, k := range catalogue {
		scenario := k.Scenario
		if scenario == "" {
			scenario = workload.Default
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %d | %s | %s |\n", k.Name, k.Summary, strings.Join(k.Classes, ", "), k.Hypothesis, k.Holds, k.Code, scenario, smallest[i])
	}
	b.WriteString("\n")
	if !t.Failed() {
		generated(t, faultsPage, faultsBegin, b.String())
	}
}

// deadLetterOptions are on_error and late of a scenario.
func deadLetterOptions(s *workload.Scenario) processors.Options {
	return processors.Options{ErrorsToDeadLetter: s.DeadLetters, LateToDeadLetter: s.DeadLetters}
}
