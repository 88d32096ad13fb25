package service_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/server/service"
)

// manyJobs is how many jobs there are: MANY_JOBS=100 is the whole test.
func manyJobs(t *testing.T) int {
	text := os.Getenv("MANY_JOBS")
	if text == "" {
		return 2 * len(waysToFail)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// waysToFail are the ways in which half of the jobs fail. The name of a job, and of its topic, begins
// with its way.
var waysToFail = []string{
	"wrong",       // V2 computes something else
	"unbuilt",     // V2's constructor panics
	"refuses",     // V2 cannot be built
	"panics",      // V2 panics in a batch
	"fails",       // a batch of V2 is an error
	"hangs",       // V2 hangs in a batch
	"greedy",      // V2 keeps much memory
	"unreachable", // the brokers cannot be reached
	"missing",     // there is no source topic
	"undecodable", // no record is JSON
	"stateless",   // the directory of the state cannot be made
	"nonsense",    // the script is no SQL: the job is refused
}

// keepsV1 are the ways in which V2 alone fails: V1's rows are all emitted.
var keepsV1 = []string{"wrong", "panics", "fails", "hangs", "greedy"}

const (
	// greed is how many bytes a greedy V2 keeps.
	greed = 32 << 20
	// perJob is how many bytes a job that was removed may leave behind: metrics of the embedded broker
	// and its records among them.
	perJob = 256 << 10
)

// badly builds V2s that fail in the way that the name of the job's topic says. Those that hang end
// when release is closed.
type badly struct{ release chan struct{} }

func (w *badly) build(v2 processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	way := strings.TrimRight(p.Sources[0].Topic, "0123456789")
	switch way {
	case "wrong":
		return wrong(v2, p, opt)
	case "unbuilt":
		panic("V2 is broken")
	case "refuses":
		return nil, errors.New("V2 cannot be built")
	}
	inner, err := factory.New(v2, p, opt)
	if err != nil || !slices.Contains(keepsV1, way) {
		return inner, err
	}
	return &failing{Processor: inner, way: way, release: w.release}, nil
}

// failing is a V2 that fails in its second batch.
type failing struct {
	processors.Processor
	way     string
	release chan struct{}
	batches int
	kept    []byte
}

func (f *failing) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	if f.batches++; f.batches > 1 {
		switch f.way {
		case "panics":
			panic("V2 is broken")
		case "fails":
			return nil, errors.New("V2 is broken")
		case "hangs":
			<-f.release
		case "greedy":
			f.kept = make([]byte, greed)
			for i := 0; i < len(f.kept); i += 4096 {
				f.kept[i] = 1
			}
		}
	}
	return f.Processor.Process(ctx, b)
}

// crowd is many jobs, half of which fail.
type crowd struct {
	*site
	broker    *broker
	good, bad []string
}

// Half of the jobs fail in different ways. The others, in which V2 emits the rows of half of the
// keys, emit all rows, keep their V2 and their stage, and are not restarted. Nothing is left of a job
// that was removed.
func TestJobsThatFailDoNotAffectTheOthers(t *testing.T) {
	n := manyJobs(t)
	ways := &badly{release: make(chan struct{})}
	c := &crowd{broker: newBroker(t)}
	c.site = newSite(t, service.Options{BuildV2: ways.build}, jobs.Options{MaxRestarts: 1})
	for i := range n / 2 {
		c.good = append(c.good, fmt.Sprintf("good%d", i))
		c.bad = append(c.bad, fmt.Sprintf("%s%d", waysToFail[i%len(waysToFail)], i))
	}
	c.fill(t)
	goroutines, heap := runtime.NumGoroutine(), liveHeap()
	began := time.Now()
	for i := range c.good {
		c.put(c.good[i], c.goodFile(c.good[i]))
		c.deployBad(t, c.bad[i])
	}
	c.hasAllRows(t, 200)
	t.Logf("%d jobs: after %v all rows are there", n, time.Since(began).Round(time.Millisecond))
	for _, name := range c.bad {
		c.until(name+" has failed", func() bool { return c.hasFailed(name) })
	}
	t.Logf("%v: all that fail have failed; %d goroutines, %d MiB", time.Since(began).Round(time.Millisecond), runtime.NumGoroutine(), liveHeap()>>20)
	for _, name := range c.good { // they go on while the others have failed
		c.broker.fill(name, 200, 400)
	}
	c.hasAllRows(t, 400)
	for _, name := range c.good {
		c.until(name+" passes", func() bool { j := c.job(name); return j.Verdict == "pass" && j.Records == 400 })
		c.isUnharmed(t, name)
	}
	close(ways.release)
	for _, j := range must[[]resource.Job](t)(c.Jobs(t.Context())) {
		must[resource.Job](t)(c.Do(t.Context(), ann, j.Job, resource.Remove))
	}
	c.until("all are gone", func() bool { return len(must[[]resource.Job](t)(c.Jobs(t.Context()))) == 0 })
	c.leaveNothing(t, goroutines, heap, n)
}

// fill produces the jobs' input.
func (c *crowd) fill(t *testing.T) {
	for _, name := range slices.Concat(c.good, c.bad) {
		switch way := strings.TrimRight(name, "0123456789"); way {
		case "missing", "nonsense":
		case "undecodable":
			c.broker.fill(name, 0, 0)
			for range 200 {
				c.broker.client.Produce(t.Context(), &kgo.Record{Topic: name, Key: []byte("k"), Value: []byte("{")}, nil)
			}
			if err := c.broker.client.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		default:
			c.broker.fill(name, 0, 200)
		}
	}
}

// goodFile is a job that does not fail. A machine that is slow takes no V2 away from it.
func (c *crowd) goodFile(name string) string {
	file := strings.Replace(c.broker.jobFile(name), "on_overload: block", "on_overload: block, deadline: 4m", 1)
	return file + "migration: {stage: \"canary:50\", plan: [\"canary:50\"]}\ncanary: {wait: 2m}\n"
}

// deployBad deploys a job that fails.
func (c *crowd) deployBad(t *testing.T, name string) {
	t.Helper()
	file := strings.Replace(c.broker.jobFile(name), "v2: {on_overload: block}", "v2: {on_overload: block, deadline: 1s, reseed: false}", 1)
	file = strings.Replace(file, "group: ", "batch: 50, group: ", 1)
	switch way := strings.TrimRight(name, "0123456789"); way {
	case "unreachable":
		file = strings.Replace(file, c.broker.addr, "127.0.0.1:1", 1)
	case "stateless":
		folder := filepath.Join(c.data, "jobs", name)
		if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, "file"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		file = strings.Replace(file, "CREATE STREAM o", "CREATE TABLE o", 1)
		file = strings.Replace(file, "x + 1 AS y FROM s", "COUNT(*) AS y FROM s GROUP BY k", 1)
		file += "state: {dir: ./file/state}\n"
	case "nonsense":
		file = strings.Replace(file, "CREATE STREAM o", "CREATE NONSENSE o", 1)
		if _, err := c.Put(t.Context(), ann, name, []byte(file), false); err == nil {
			t.Errorf("%s is taken", name)
		}
		return
	}
	c.put(name, file)
}

// hasFailed reports whether a job has failed in its way.
func (c *crowd) hasFailed(name string) bool {
	j, err := c.Job(c.t.Context(), name)
	switch way := strings.TrimRight(name, "0123456789"); way {
	case "nonsense":
		return err != nil
	case "unreachable":
		return j.State == resource.Waiting || j.State == resource.Failed || j.Restarts > 0
	case "wrong":
		return j.Verdict == "fail"
	case "unbuilt", "refuses", "missing", "stateless":
		return j.State == resource.Failed
	case "undecodable":
		return j.Records == 200 && j.Verdict != "pass"
	case "greedy":
		return j.Records == 200
	}
	d, err := c.Details(c.t.Context(), name)
	return err == nil && len(d.Holes) > 0
}

// hasAllRows waits until the jobs whose V1 works have emitted as many rows as they have records, or
// more, and checks that each is there once. Those that fail have 200 records.
func (c *crowd) hasAllRows(t *testing.T, records int) {
	t.Helper()
	want := map[string]int{}
	for _, name := range c.good {
		want[name+"-out"] = records
	}
	for _, name := range c.bad {
		if slices.Contains(keepsV1, strings.TrimRight(name, "0123456789")) {
			want[name+"-out"] = 200
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(c.broker.addr), kgo.ConsumeTopics(slices.Collect(maps.Keys(want))...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.MetadataMinAge(100*time.Millisecond), kgo.UnknownTopicRetries(-1))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	seen := map[string]bool{}
	for len(want) > 0 {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("rows are missing: %v", want)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if id := r.Topic + string(r.Value); seen[id] {
				t.Errorf("%s: the row %s is there twice", r.Topic, r.Value)
			} else {
				seen[id] = true
			}
			if want[r.Topic]--; want[r.Topic] == 0 {
				delete(want, r.Topic)
			}
		})
	}
}

// isUnharmed checks that a job has kept its V2 and its stage, and was not restarted.
func (c *crowd) isUnharmed(t *testing.T, name string) {
	t.Helper()
	j, d := c.job(name), must[resource.Details](t)(c.Details(t.Context(), name))
	if j.State != resource.Running || j.Restarts != 0 || j.Stage.String() != "canary:50" || len(d.Holes) != 0 || d.Emission == nil {
		t.Errorf("%+v, holes %+v, emission %+v", j, d.Holes, d.Emission)
	}
}

// liveHeap is how many bytes are in use.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC() // what a finalizer kept
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// leaveNothing waits until as many goroutines and about as much memory are in use as before there
// were n jobs. Connections of the broker end by themselves.
func (c *crowd) leaveNothing(t *testing.T, goroutines int, heap int64, n int) {
	t.Helper()
	over := time.Now().Add(patience)
	for runtime.NumGoroutine() > goroutines+20 || liveHeap() > heap+int64(n)*perJob {
		if time.Now().After(over) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines and %d MiB before, %d and %d MiB after %d jobs were removed\n%s", goroutines, heap>>20, runtime.NumGoroutine(), liveHeap()>>20, n, buf[:runtime.Stack(buf, true)])
		}
		c.broker.client.Ping(t.Context())
	}
	t.Logf("%d goroutines and %d MiB before, %d and %d MiB after %d jobs were removed", goroutines, heap>>20, runtime.NumGoroutine(), liveHeap()>>20, n)
}
