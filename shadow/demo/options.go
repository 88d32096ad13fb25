package demo

import (
	"log/slog"
	"math"
	"time"

	"parallax/processors/faults"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
	"parallax/shadow/workload"
)

// Options say what a demo runs.
type Options struct {
	// Scenario is the data and its query; "" takes the one that the fault needs, or the default.
	Scenario string
	// Records is how many are made; below zero takes what the fault or the scenario needs.
	// With a Duration it is of no account: records are made for as long.
	Records  int
	Duration time.Duration
	// Fault is what goes wrong in V2; "" is nothing.
	Fault string
	// Partitions, Strategy and Force say how V2 splits the records.
	Partitions int
	Strategy   string
	Force      bool
	Seed       uint64
	Listen     string
	Isolated   bool

	Program  evidence.Program
	Log      *slog.Logger
	Observer job.Observer
	// Producing is called when the records begin to be made, with how many there will be, 0
	// where only time ends them. It returns what is called with the number made so far, and
	// what is called at their end. nil: there is nothing to call.
	Producing func(total int64) (produced func(int64), ended func())
}

// An OptionError says which option is wrong, by the name of its flag.
type OptionError struct {
	Option string
	Err    error
}

func (e *OptionError) Error() string { return e.Option + ": " + e.Err.Error() }

func (e *OptionError) Unwrap() error { return e.Err }

// fault is the one that was asked for, nil for none.
func (o *Options) fault() (*faults.Fault, error) {
	if o.Fault == "" {
		return nil, nil
	}
	f, err := faults.Parse(o.Fault)
	if err != nil {
		return nil, &OptionError{"fault", err}
	}
	return f, nil
}

// scenario chooses the data: a fault that the default cannot show brings its own.
func (o *Options) scenario(f *faults.Fault) (*workload.Scenario, int, error) {
	id, records := o.Scenario, o.Records
	if f != nil {
		if id == "" {
			id = f.Kind.Scenario
		}
		if records < 0 && f.Kind.Records > 0 {
			records = f.Kind.Records
		}
	}
	if id == "" {
		id = workload.Default
	}
	s, err := workload.Lookup(id)
	if err != nil {
		return nil, 0, &OptionError{"scenario", err}
	}
	if o.Duration > 0 {
		records = math.MaxInt
	}
	if records < 0 {
		records = s.Records
	}
	return s, records, nil
}
