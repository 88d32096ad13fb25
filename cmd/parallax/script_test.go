package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"parallax/processors/state"
	"parallax/shadow/checkpoint"
	"parallax/shadow/ingest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"parallax": main, "parallax-failing-v2": mainWithFailingV2})
}

// TestScripts runs the program as a person types it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits, "checkpoint": writeCheckpoints, "spans": writeSpans, "workflow": runWorkflow},
		Setup: func(e *testscript.Env) error {
			examples, err := filepath.Abs("../../examples")
			e.Setenv("EXAMPLES", examples)
			return err
		},
	})
}

// exits runs a program that has to end with an exit code: exits 3 parallax ...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code, err = exit.ExitCode(), nil
	}
	ts.Check(err)
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// writeCheckpoints writes checkpoints of a job: checkpoint DIR JOB POSITION... The state at
// a position has that many entries in its first stage, and one in its second.
func writeCheckpoints(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: checkpoint DIR JOB POSITION...")
	}
	dir, err := checkpoint.OpenDir(ts.MkAbs(args[0]))
	ts.Check(err)
	w, err := checkpoint.NewWriter(dir, []state.Codec{texts{}, texts{}}, checkpoint.Options{Keep: len(args)})
	ts.Check(err)
	for _, arg := range args[2:] {
		position, err := strconv.ParseInt(arg, 10, 64)
		ts.Check(err)
		first := make([]state.Entry, position)
		for i := range first {
			first[i].State = fmt.Sprint("entry ", i)
		}
		m := &checkpoint.Manifest{Job: args[1], Task: "all", Generation: 1, Place: ingest.Place{Position: position, Batch: position / 10}}
		s := state.Snapshot{Position: position, Queries: [][]state.Entry{first, {{State: "total"}}}}
		ts.Check(w.Write(context.Background(), s.Freeze(), m))
		ts.Check(w.Publish(m))
	}
}

// texts is a codec of entries whose state is a text.
type texts struct{}

func (texts) Append(dst []byte, e state.Entry) []byte { return append(dst, e.State.(string)...) }

func (texts) Read(src []byte) (state.Entry, error) { return state.Entry{State: string(src)}, nil }
