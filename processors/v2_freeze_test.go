package processors_test

import (
	"fmt"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/state"
)

// digestsOf ranges over a frozen state once.
func digestsOf(t *testing.T, p *plan.Plan, f *state.Frozen) (list []state.Digest) {
	t.Helper()
	codecs, err := exec.Codecs(p)
	if err != nil {
		t.Fatal(err)
	}
	for i, entries := range f.Stages {
		var d state.Digest
		for e := range entries {
			d.Add(codecs[i].Append(nil, e))
		}
		list = append(list, d)
	}
	return list
}

// TestAFrozenV2StaysAsItWas: V2 is frozen between two batches and goes on; what was frozen is
// V1's state of then, however late and however often it is read.
func TestAFrozenV2StaysAsItWas(t *testing.T) {
	batches := processortest.Batches(processortest.RandomTrades(31, 2000), 100, true)
	for name, p := range plans {
		for _, n := range []int{1, 2, 3, 7} {
			t.Run(fmt.Sprintf("%s, %d partitions", name, n), func(t *testing.T) {
				v1, v2 := newV1(t, p()), newV2(t, p(), n, partitions.Hooks{})
				run(t, v1, batches[:9])
				run(t, v2, batches[:9])
				want, err := processors.Freeze(v1)
				if err != nil {
					t.Fatal(err)
				}
				freezer, ok := processors.Processor(v2).(processors.Freezer)
				if !ok {
					t.Fatal("V2 is not a Freezer: its state is copied while it waits")
				}
				got, err := freezer.Freeze()
				if err != nil {
					t.Fatal(err)
				}
				run(t, v2, batches[9:])
				if got.Position != want.Position || got.Watermark != want.Watermark || fmt.Sprint(got.Relays) != fmt.Sprint(want.Relays) {
					t.Errorf("position %d, watermark %d, relays %v; V1 has %d, %d, %v", got.Position, got.Watermark, got.Relays, want.Position, want.Watermark, want.Relays)
				}
				of := digestsOf(t, p(), want)
				for range 2 {
					if d := digestsOf(t, p(), got); fmt.Sprint(d) != fmt.Sprint(of) {
						t.Errorf("digests %v, V1's %v", d, of)
					}
				}
			})
		}
	}
}

func TestAV2WithABatchInFlightIsNotFrozen(t *testing.T) {
	v2 := newV2(t, plans["without a window"](), 2, partitions.Hooks{})
	if err := v2.Submit(t.Context(), processortest.Batches(processortest.RandomTrades(1, 5), 5, false)[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := processors.Freeze(v2); err == nil || !strings.Contains(err.Error(), "in flight") {
		t.Errorf("got %v", err)
	}
}
