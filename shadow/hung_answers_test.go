package shadow_test

import (
	"bytes"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/shadow"
	"parallax/shadow/metrics"
)

// secretive is a V2 that computes well and hangs, or worse, in what it is asked about itself.
type secretive struct {
	*path
	describe, partitions, capabilities func()
}

func (v *secretive) Describe() processors.Description {
	if v.describe != nil {
		v.describe()
	}
	return v.path.Describe()
}

func (v *secretive) Partitions() []processors.PartitionStats {
	if v.partitions != nil {
		v.partitions()
	}
	return v.path.Partitions()
}

func (v *secretive) Capabilities() processors.Capabilities {
	if v.capabilities != nil {
		v.capabilities()
	}
	return processors.Capabilities{Cause: true, Dispositions: true, Order: true}
}

// TestNothingWaitsForAV2ThatHangsInWhatItIsAskedAboutItself: V1, a report, a scrape, the
// status line and the end of the run do without its answer.
func TestNothingWaitsForAV2ThatHangsInWhatItIsAskedAboutItself(t *testing.T) {
	const seconds = 100 // that V1 takes by itself
	for name, spoil := range map[string]func(v *secretive, hang func()){
		"Describe":              func(v *secretive, hang func()) { v.describe = hang },
		"Partitions":            func(v *secretive, hang func()) { v.partitions = hang },
		"both":                  func(v *secretive, hang func()) { v.describe, v.partitions = hang, hang },
		"a goroutine that ends": func(v *secretive, _ func()) { v.describe, v.partitions = runtime.Goexit, runtime.Goexit },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				defer close(release)
				v2 := &secretive{path: &path{}}
				spoil(v2, func() { <-release })
				in, out, m := newInput(seconds), &output{}, metrics.New()
				in.pause = time.Second
				var log bytes.Buffer
				j := job(in, out, &path{}, nil, config())
				j.Candidate = func() (processors.Processor, error) { return v2, nil }
				j.Log = slog.New(slog.NewTextHandler(&log, nil))
				j.Metrics, j.StatusEvery = m, 30*time.Second
				r, err := shadow.New(j)
				if err != nil {
					t.Fatal(err)
				}
				asked := make(chan struct{})
				go func() {
					defer close(asked)
					time.Sleep(50 * time.Second)
					if rep := r.Report(); !rep.Running || rep.State != "running" || rep.Ledger.Compared == 0 {
						t.Errorf("the report in the middle: running %v, V2 %s, %+v", rep.Running, rep.State, rep.Ledger)
					}
					var page bytes.Buffer
					m.Write(&page)
					if !strings.Contains(page.String(), "parallax_v2_skew ") {
						t.Errorf("the metrics lack V2's:\n%s", page.String())
					}
				}()
				begun := time.Now()
				rep, err := r.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				<-asked
				// A second each for what V2 is asked when it is built, by the metrics, and at the end.
				if took := time.Since(begun); took > (seconds+10)*time.Second {
					t.Errorf("the run took %v", took)
				}
				if rep.Ledger != (diff.Ledger{Compared: 9 * seconds, Undecodable: seconds}) || rep.Detached != "" {
					t.Errorf("%+v, detached: %q", rep.Ledger, rep.Detached)
				}
				alone := &output{}
				if _, err := run(t, t.Context(), job(newInput(seconds), alone, &path{}, nil, config())); err != nil {
					t.Fatal(err)
				}
				slices.Sort(alone.committed)
				if slices.Sort(out.committed); !slices.Equal(out.committed, alone.committed) {
					t.Errorf("V1 committed %d lines, want %d", len(out.committed), len(alone.committed))
				}
				if lines := strings.Count(log.String(), "msg=status"); lines != 3 {
					t.Errorf("%d status lines in 100 s, want 3:\n%s", lines, log.String())
				}
			})
		})
	}
}

// TestAV2ThatDoesNotSayWhatItGivesIsRefused when the run starts, instead of being waited for.
func TestAV2ThatDoesNotSayWhatItGivesIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		j := job(newInput(1), &output{}, &path{}, nil, config())
		j.Candidate = func() (processors.Processor, error) {
			return &secretive{path: &path{}, capabilities: func() { <-release }}, nil
		}
		if _, err := run(t, t.Context(), j); err == nil || !strings.Contains(err.Error(), "does not say what it gives") {
			t.Errorf("%v", err)
		}
	})
}
