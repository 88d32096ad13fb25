package service_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/plan"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/server/service"
)

// manyJobs is how many jobs there are: PARALLAX_MANY_JOBS=100 is the whole test.
func manyJobs(t *testing.T) int {
	text := os.Getenv("PARALLAX_MANY_JOBS")
	if text == "" {
		return 10
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// badly builds V2s that fail in the way that the name of the job's topic says.
func badly(v2 processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	switch topic := p.Sources[0].Topic; {
	case strings.HasPrefix(topic, "wrong"):
		return wrong(v2, p, opt)
	case strings.HasPrefix(topic, "panics"):
		panic("V2 is broken")
	case strings.HasPrefix(topic, "refuses"):
		return nil, errors.New("V2 cannot be built")
	}
	return factory.New(v2, p, opt)
}

// Half of the jobs fail in different ways. The others pass, and nothing is left of any job
// that was removed.
func TestJobsThatFailDoNotAffectTheOthers(t *testing.T) {
	n := manyJobs(t)
	b := newBroker(t)
	s := newSite(t, service.Options{BuildV2: badly}, jobs.Options{})
	ways := []string{"wrong", "panics", "refuses", "unreachable"}
	var good, bad []string
	for i := range n {
		if i%2 == 0 {
			name := fmt.Sprintf("good%d", i)
			good = append(good, name)
			b.fill(name, 0, 200)
		} else {
			name := fmt.Sprintf("%s%d", ways[i/2%len(ways)], i)
			bad = append(bad, name)
			b.fill(name, 0, 200)
		}
	}
	before := runtime.NumGoroutine()
	for i := range good {
		s.put(good[i], b.jobFile(good[i]))
	}
	for _, name := range bad {
		file := b.jobFile(name)
		if strings.HasPrefix(name, "unreachable") {
			file = strings.Replace(file, b.addr, "127.0.0.1:1", 1)
		}
		s.put(name, file)
	}
	for _, name := range good {
		s.until(name+" passes", func() bool {
			j := s.job(name)
			return j.Verdict == "pass" && j.Records == 200
		})
		if j := s.job(name); j.State != resource.Running || j.Restarts != 0 {
			t.Errorf("%+v", j)
		}
	}
	for _, name := range bad {
		s.until(name+" fails", func() bool {
			j := s.job(name)
			return j.Verdict == "fail" || j.State == resource.Failed || j.Restarts > 0
		})
	}
	for _, name := range append(good, bad...) {
		must[resource.Job](t)(s.Do(t.Context(), ann, name, resource.Remove))
	}
	s.until("all are gone", func() bool { return len(must[[]resource.Job](t)(s.Jobs(t.Context()))) == 0 })
	over := time.After(patience)
	for runtime.NumGoroutine() > before+20 { // connections of the broker end by themselves
		select {
		case <-over:
			t.Fatalf("%d goroutines before, %d after %d jobs were removed", before, runtime.NumGoroutine(), n)
		default:
			runtime.Gosched()
			b.client.Ping(t.Context())
		}
	}
}
