package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/config"
	"parallax/diff"
	"parallax/shadow/job"
	"parallax/shadow/kafka"
	"parallax/shadow/workload"
)

// said keeps what a job says.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *said) address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return regexp.MustCompile(`http://[0-9.:]+`).FindString(s.text.String())
}

// TestAJobsV2IsRescaledWhileItRuns: somebody asks for other partitions while
// records come, and none is left out.
func TestAJobsV2IsRescaledWhileItRuns(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		const partitions = 3
		name := place(t)
		keepAll(t, seeds, name+"-in", partitions)
		keepAll(t, seeds, name+"-out", partitions)
		client, err := kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		scenario, err := workload.Lookup("3b")
		if err != nil {
			t.Fatal(err)
		}
		g := scenario.Generate(workload.Options{Records: 1 << 30, Seed: 1, Partitions: partitions})
		produced := int64(0)
		produce := func(ctx context.Context, n int) error {
			var batch []*kgo.Record
			for range n {
				rec, _ := g.Next()
				batch = append(batch, &kgo.Record{Topic: name + "-in", Partition: rec.Partition, Value: rec.Value})
			}
			produced += int64(n)
			return client.ProduceSync(ctx, batch...).FirstErr()
		}
		cfg := config.Default()
		cfg.Kafka.Brokers, cfg.Kafka.Group, cfg.Kafka.Batch = seeds, name, 100
		out := &said{}
		cfg.Name, cfg.SQL, cfg.Listen, cfg.Diff.RequireLevel, cfg.Processors.V2.Partitions = name, marketSQL(t, name), "127.0.0.1:0", diff.E1, 2
		j := made(t, cfg, job.Options{Flush: true, Observer: &watcher{e: &env{errs: out}}})
		j.Feed = func(ctx context.Context, _ *kafka.Task) error {
			if err := produce(ctx, 2000); err != nil {
				return err
			}
			for _, n := range []int{8, 1, 5} {
				done := make(chan error, 1)
				go func() {
					resp, err := http.Post(fmt.Sprintf("%s/v2/rescale?partitions=%d", out.address(), n), "", nil)
					if err == nil {
						var body []byte
						body, err = io.ReadAll(resp.Body)
						if want := fmt.Sprintf(`{"processor":"v2:%d"}`, n); strings.TrimSpace(string(body)) != want {
							err = errors.Join(err, fmt.Errorf("answered %s: %s, want %s", resp.Status, body, want))
						}
						err = errors.Join(err, resp.Body.Close())
					}
					done <- err
				}()
				for asked := true; asked; { // the next batch is when it happens
					if err := produce(ctx, 100); err != nil {
						return err
					}
					select {
					case err := <-done:
						if err != nil {
							return err
						}
						asked = false
					default:
					}
				}
			}
			return produce(ctx, 2000)
		}
		r, err := j.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := summary(r)
		l := s.Ledger
		if s.V2.Rescales != 3 || s.V2.Processor != "v2:5" || len(s.V2.Partitions) != 8 || s.V2.HoleCount != 0 {
			t.Errorf("V2 is %+v", s.V2)
		}
		if l.Compared != produced || l.Gap+l.Pending+l.Shed+l.NotComparable+l.V2Error != 0 || s.Divergences.Root+s.Divergences.Cascade != 0 || s.LevelHeld != diff.E1 {
			t.Errorf("%d produced, ledger %+v, held %s: %+v", produced, l, s.LevelHeld, s.Divergences)
		}
	})
}
