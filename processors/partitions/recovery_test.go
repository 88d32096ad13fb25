package partitions

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// countsBySymbol returns a V2 with two partitions.
func countsBySymbol(t *testing.T, hooks Hooks) *V2 {
	t.Helper()
	p, err := plan.Compile("CREATE STREAM s (k STRING) WITH (kafka_topic='s', value_format='JSON'); SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;", plan.BuildOptions{DefaultTopic: "out"})
	if err != nil {
		t.Fatal(err)
	}
	v2, err := New(p, processors.Config{Architecture: processors.ArchitectureV2, Partitions: 2}, processors.Options{}, hooks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v2.Close(); err != nil {
			t.Error(err)
		}
	})
	return v2
}

// A deferred recovery that panics itself ends the process, and V1 with it. A job that is
// processed again after its end has no batch.
func TestAJobWithoutABatchIsAnErrorOfTheGoroutineThatTakesIt(t *testing.T) {
	for name, take := range map[string]func(c *coordinator, j *job) error{
		"a partition": func(c *coordinator, j *job) error { c.partitions[0].run(j); return j.err },
		"the router":  func(c *coordinator, j *job) error { c.split(j); return j.err },
		"the merge":   func(c *coordinator, j *job) error { _, err := c.gather(j); return err },
	} {
		c := countsBySymbol(t, Hooks{}).coordinators[0]
		j := newJob(1, 2)
		j.done = make(chan struct{})
		err := take(c, j)
		if p, ok := errors.AsType[*processors.PanicError](err); !ok || p.Batch != -1 || !strings.Contains(err.Error(), "no batch") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A job that never had a batch has no waiter either.
	countsBySymbol(t, Hooks{}).coordinators[0].partitions[0].run(newJob(1, 2))
}

// shy panics when it is asked for its text, with a value that does so as well.
type shy struct{}

func (s shy) Error() string { panic(s) }

func TestAPanicsValueThatCannotBeShownIsShownByItsType(t *testing.T) {
	v2 := countsBySymbol(t, Hooks{Before: func(int, int, *row.Batch, []int32) bool { panic(shy{}) }})
	_, err := v2.Process(t.Context(), row.NewFlush(0, 0, 1))
	if err == nil || !strings.HasSuffix(err.Error(), "panic in batch 0 (the flush): a partitions.shy, which panics when it is asked for its text") {
		t.Errorf("got %v", err)
	}
}

// A goroutine that is ended neither returns nor panics: without an error its batch would
// never complete.
func TestAPartitionThatEndsItsGoroutineIsTheErrorOfItsBatch(t *testing.T) {
	v2 := countsBySymbol(t, Hooks{Before: func(partition, _ int, _ *row.Batch, _ []int32) bool {
		if partition == 1 {
			runtime.Goexit()
		}
		return true
	}})
	_, err := v2.Process(t.Context(), row.NewFlush(0, 0, 1))
	if p, ok := errors.AsType[*processors.PanicError](err); !ok || p.Partition != 1 || !errors.Is(err, errGoexit) {
		t.Errorf("got %v", err)
	}
}
