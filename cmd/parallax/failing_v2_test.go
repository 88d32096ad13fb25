package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// failingV2Says begins the line that a V2 writes to standard error when it fails; how follows.
const failingV2Says = "this V2 fails: "

// failures are the ways in which a V2 of mainWithFailingV2 fails.
var failures = []string{
	"its constructor hangs", "its constructor panics",
	"Restore hangs", "Restore panics", "Freeze hangs", "Freeze panics",
	"a batch hangs", "a batch panics", "a batch is an error", "a row is missing", "Close hangs",
}

// failsLikeEnv and failsFromEnv are variables of the environment. With them one V2 of the process
// fails in the one way that failsLikeEnv says, as soon as the file that failsFromEnv names is there.
const failsLikeEnv, failsFromEnv = "TEST_V2_FAILS", "TEST_V2_FAILS_FROM"

// mainWithFailingV2 is main with V2s that fail at random, each in its own way and at its own batch.
func mainWithFailingV2() {
	ctx, stop := untilInterrupted()
	e := newEnv(ctx, os.Stdin, os.Stdout, os.Stderr)
	f := &failingV2s{rng: rand.New(rand.NewPCG(uint64(os.Getpid()), 23)), how: os.Getenv(failsLikeEnv), from: os.Getenv(failsFromEnv)}
	e.buildV2 = f.build
	code := e.run(os.Args[1:])
	stop()
	os.Exit(code)
}

// failingV2s builds V2s that fail.
type failingV2s struct {
	mu  sync.Mutex
	rng *rand.Rand
	// built is how many there were: the first one of a process can be built, else a new job is refused.
	built int
	// how is how one V2 fails, as soon as the file from is there; "" for V2s that fail at random.
	how, from string
	hasFailed atomic.Bool
}

func (f *failingV2s) build(cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	v := &failingV2{of: f}
	if f.how == "" {
		v.how, v.after = f.choose()
	}
	v.fails("its constructor")
	var err error
	v.V2, err = partitions.New(p, cfg, opt, partitions.Hooks{})
	return v, err
}

// choose says how the next V2 fails, "" for not at all, and after how many batches.
func (f *failingV2s) choose() (how string, after int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.built++
	how, after = failures[f.rng.IntN(len(failures))], f.rng.IntN(60)
	switch {
	case f.built == 1 && how == "its constructor panics":
		how = "its constructor hangs"
	case f.built > 1 && f.rng.IntN(6) == 0:
		how = ""
	}
	return how, after
}

// failingV2 is a V2 that fails, once, in one way.
type failingV2 struct {
	*partitions.V2
	of    *failingV2s
	how   string
	after int // so many batches
}

// isDue reports whether a batch is the one at which the V2 fails.
func (v *failingV2) isDue() bool {
	if v.of.how == "" {
		v.after--
		return v.after < 0
	}
	if v.how != "" { // a row is missing, and there was no row yet
		return true
	}
	if _, err := os.Stat(v.of.from); err != nil || !v.of.hasFailed.CompareAndSwap(false, true) {
		return false
	}
	v.how = v.of.how
	return true
}

// fails hangs or panics if the V2 is one that does so in a place.
func (v *failingV2) fails(where string) {
	switch v.how {
	case where + " hangs":
		fmt.Fprintln(os.Stderr, failingV2Says+v.how)
		select {}
	case where + " panics":
		fmt.Fprintln(os.Stderr, failingV2Says+v.how)
		panic(failingV2Says + v.how)
	}
}

func (v *failingV2) Restore(s *state.Snapshot) error {
	v.fails("Restore")
	return v.V2.Restore(s)
}

func (v *failingV2) Freeze() (*state.Frozen, error) {
	v.fails("Freeze")
	return v.V2.Freeze()
}

func (v *failingV2) Close() error {
	v.fails("Close")
	return v.V2.Close()
}

func (v *failingV2) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	if err := v.Submit(ctx, b); err != nil {
		return nil, err
	}
	return v.Next(ctx)
}

func (v *failingV2) Next(ctx context.Context) (*row.Outcome, error) {
	o, err := v.V2.Next(ctx)
	if err != nil {
		return nil, err
	}
	if !v.isDue() {
		return o, nil
	}
	v.fails("a batch")
	switch n := len(o.Changes); {
	case v.how == "a batch is an error":
		fmt.Fprintln(os.Stderr, failingV2Says+v.how)
		return nil, errors.New(failingV2Says + v.how)
	case v.how == "a row is missing" && n > 0:
		fmt.Fprintln(os.Stderr, failingV2Says+v.how)
		v.how = ""
		o.Changes = o.Changes[:n-1]
		o.Raw--
	}
	return o, nil
}
