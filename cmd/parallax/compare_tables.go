package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/diff/tables"
	"parallax/reports"
	"parallax/reports/gate"
	"parallax/reports/page"
	"parallax/shadow/topics"
)

// compareTables are the flags for sides that are compared as tables: topics, or files with
// --key.
type compareTables struct {
	Key         []string          `help:"Compare as tables, by these columns of the records' keys or values; without it by the records' keys." placeholder:"COLUMN"`
	WindowStart string            `help:"Value column with the start of the window, for a side whose keys have none." placeholder:"COLUMN"`
	WindowEnd   string            `help:"Value column with the end of the window." placeholder:"COLUMN"`
	WindowSize  time.Duration     `help:"Length of the windows, for E5, if their end is not in the data." placeholder:"D"`
	KeyFormat   []string          `help:"How the keys of both sides are written, or of LEFT,RIGHT: none, json, string, int, bigint, double or bytes, with windowed- or session- before it; it is derived if left out." placeholder:"FORMAT"`
	Rename      map[string]string `help:"Columns of the right side that have another name on the left." placeholder:"RIGHT=LEFT"`
	Columns     string            `help:"Columns that are compared: all, or those of both sides (overlap)." enum:"all,overlap" default:"all"`
	Timestamps  bool              `help:"Compare the records' timestamps as well."`
	HTML        string            `help:"Write the result as a page to this file as well." name:"html" placeholder:"FILE"`
	Memory      string            `help:"Memory for keys and rows; of more keys than fit, a sample is compared." default:"1GiB" placeholder:"SIZE"`
	Kafka       string            `help:"YAML file with the key kafka, which has tls and sasl as in a job file." placeholder:"FILE"`
}

// areTables reports whether the sides are compared as tables.
func (c *compareCommand) areTables() bool {
	return len(c.Key) > 0 || strings.HasPrefix(c.Left, "kafka:") || strings.HasPrefix(c.Right, "kafka:")
}

// refuseTableFlags returns an error for a flag that has no effect on files that are compared
// row by row.
func (c *compareCommand) refuseTableFlags() error {
	for _, f := range []struct {
		name  string
		isSet bool
	}{
		{"--window-start", c.WindowStart != ""},
		{"--window-end", c.WindowEnd != ""},
		{"--window-size", c.WindowSize != 0},
		{"--key-format", len(c.KeyFormat) > 0},
		{"--rename", len(c.Rename) > 0},
		{"--columns", c.Columns == "overlap"},
		{"--timestamps", c.Timestamps},
		{"--html", c.HTML != ""},
		{"--kafka", c.Kafka != ""},
	} {
		if f.isSet {
			return fmt.Errorf("%s is for tables: topics, or files with --key", f.name)
		}
	}
	return nil
}

// runTables compares the sides as tables.
func (c *compareCommand) runTables(e *env, rules []diff.Rule, policy gate.Policy) error {
	opt, err := c.tableOptions(e, rules)
	if err != nil {
		return err
	}
	if err := c.checkTableLevel(); err != nil {
		return err
	}
	if c.Left == "-" && c.Right == "-" {
		return errors.New("both sides are standard input (-): name a file or a topic for one of them")
	}
	var sides [2]tables.Source
	for i, name := range []string{c.Left, c.Right} {
		source, done, err := c.open(e, name)
		if err != nil {
			return err
		}
		defer done()
		sides[i] = source
	}
	defer limitMemory(opt.Memory)()
	stop := c.showProgress(e, &opt, sides)
	res, err := tables.Compare(e.ctx, sides[0], sides[1], opt)
	stop()
	if err != nil {
		return err
	}
	required, err := c.tableLevel(res)
	if err != nil {
		return err
	}
	verdict, reason := reports.TableVerdict(required, res, c.AllowEmpty, policy, time.Now())
	if e.json {
		err = json.NewEncoder(e.out).Encode(map[string]any{
			"left": sides[0].Name(), "right": sides[1].Name(), "level": required, "level_held": res.LevelHeld(), "equal": verdict == reports.Equal,
			"verdict": verdict, "reason": reason, "share_paired": res.Share(), "result": res,
			"mapping":     map[string]string{"left": res.Probe.Mapping[diff.V1].String(), "right": res.Probe.Mapping[diff.V2].String()},
			"divergences": res.Found.Divergences, "signatures": append([]diff.Signature{}, res.Found.Signatures...),
			"tolerated": append([]diff.Tolerated{}, res.Found.Tolerated...), "columns": reports.EvidenceColumns(res.Columns),
		})
	} else {
		err = reports.Tables(e.text(), sides[0].Name(), sides[1].Name(), required, verdict, reason, res)
	}
	if err == nil && c.HTML != "" {
		err = c.writePage(page.Comparison{
			Left: sides[0].Name(), Right: sides[1].Name(), Required: required, Verdict: verdict, Reason: reason, Result: res, Made: time.Now(),
		})
	}
	if err != nil {
		return err
	}
	return comparisonExit(verdict)
}

// writePage writes the page of --html.
func (c *compareCommand) writePage(of page.Comparison) error {
	f, err := os.Create(c.HTML)
	if err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	err = page.WriteComparison(f, of)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("--html: write %s: %w", c.HTML, err)
	}
	return nil
}

// tableOptions reads the flags.
func (c *compareCommand) tableOptions(e *env, rules []diff.Rule) (tables.Options, error) {
	opt := tables.Options{
		Key: c.Key, WindowStart: c.WindowStart, WindowEnd: c.WindowEnd, WindowSize: c.WindowSize, Rename: c.Rename,
		Overlap: c.Columns == "overlap", Timestamps: c.Timestamps, Rules: rules,
	}
	var err error
	if opt.Memory, err = config.ParseSize(c.Memory); err != nil {
		return opt, fmt.Errorf("--memory: %w", err)
	}
	if least := int64(1 << 20); opt.Memory < least {
		return opt, fmt.Errorf("--memory: %s is less than 1MiB", c.Memory)
	}
	if len(c.KeyFormat) > 2 {
		return opt, fmt.Errorf("--key-format: %d formats; write one for both sides, or LEFT,RIGHT", len(c.KeyFormat))
	}
	for i, text := range c.KeyFormat {
		f, err := tables.ParseKeyFormat(text)
		if err != nil {
			return opt, fmt.Errorf("--key-format: %w", err)
		}
		opt.KeyFormat[i] = &f
		if len(c.KeyFormat) == 1 {
			opt.KeyFormat[1] = &f
		}
	}
	opt.Mapped = func(p tables.Probe) {
		if !e.json {
			_ = reports.TableProbe(e.errs, p)
		}
	}
	return opt, nil
}

// checkTableLevel returns an error for a level that no tables can show, before they are read.
func (c *compareCommand) checkTableLevel() error {
	if c.Level == "" {
		return nil
	}
	level, err := diff.ParseLevel(c.Level)
	switch {
	case err != nil:
		return fmt.Errorf("--level: %w", err)
	case level == diff.Ze && len(c.Key) > 0:
		return errors.New("--level: Ze is about rows without a key, and --key names one: use E5 or E6, or leave --key out")
	case level != diff.E5 && level != diff.E6 && level != diff.Ze:
		return fmt.Errorf("--level: %s needs the frontiers of a run; two sides that have ended can show E5 and E6, and Ze if the rows have no key", level)
	}
	return nil
}

// tableLevel is the level that is required: the one of --level, or the one for the table at
// the end.
func (c *compareCommand) tableLevel(res *tables.Result) (diff.Level, error) {
	if c.Level == "" {
		if res.AsBag {
			return diff.Ze, nil
		}
		return diff.E6, nil
	}
	level, err := diff.ParseLevel(c.Level)
	switch {
	case err != nil:
		return level, fmt.Errorf("--level: %w", err)
	case res.IsEmpty():
	case res.AsBag && level != diff.Ze:
		return level, fmt.Errorf("--level: %s is about rows with a key, and these have none: use Ze, or name the key's columns with --key", level)
	case !res.AsBag && level == diff.Ze:
		return level, fmt.Errorf("--level: %s is about rows without a key, and these have one: use E5 or E6", level)
	}
	return level, nil
}

// open opens a side: a topic, a file, or standard input, which is copied to a file, because
// rows that differ are read again.
func (c *compareCommand) open(e *env, name string) (tables.Source, func(), error) {
	brokers, topic, isTopic, err := topics.ParseAddress(name)
	switch {
	case err != nil:
		return nil, nil, err
	case isTopic:
		cfg, err := config.LoadKafka(c.Kafka, brokers)
		if err != nil {
			return nil, nil, fmt.Errorf("--kafka: %w", err)
		}
		ctx, cancel := context.WithTimeout(e.ctx, 30*time.Second)
		defer cancel()
		t, err := topics.Open(ctx, cfg, topic)
		if err != nil {
			return nil, nil, err
		}
		if n := t.Open(); n > 0 {
			fmt.Fprintf(e.errs, "%s: %s offsets belong to transactions that are open, and are not read\n", t.Name(), gate.Thousands(n))
		}
		return t, func() {}, nil
	case name != "-":
		if _, err := os.Stat(name); err != nil {
			return nil, nil, err
		}
		return tables.NewFile(name, name), func() {}, nil
	}
	f, err := os.CreateTemp("", "parallax-compare-*.jsonl")
	if err != nil {
		return nil, nil, err
	}
	remove := func() { _ = os.Remove(f.Name()) }
	_, err = io.Copy(f, e.in)
	if err = errors.Join(err, f.Close()); err != nil {
		remove()
		return nil, nil, fmt.Errorf("copy standard input: %w", err)
	}
	return tables.NewFile(f.Name(), "standard input"), remove, nil
}

// limitMemory makes the garbage collector keep the process near the memory of the
// comparison, unless it has a lower limit already. It returns what restores the limit.
func limitMemory(memory int64) (restore func()) {
	const program = 128 << 20
	before := debug.SetMemoryLimit(-1)
	if limit := memory + program; limit < before {
		debug.SetMemoryLimit(limit)
	}
	return func() { debug.SetMemoryLimit(before) }
}

// progressEvery is how often the number of records that were read is shown.
const progressEvery = 5 * time.Second

// showProgress shows how many records were read until stop is called.
func (c *compareCommand) showProgress(e *env, opt *tables.Options, sides [2]tables.Source) (stop func()) {
	var read [2]atomic.Int64
	opt.Progress = &read
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
				var parts []string
				for side, name := range []string{"left", "right"} {
					text := name + " " + gate.Thousands(read[side].Load())
					if n := sides[side].Offsets(); n > 0 {
						text += " of " + gate.Thousands(n)
					}
					parts = append(parts, text)
				}
				fmt.Fprintf(e.errs, "records read: %s\n", strings.Join(parts, ", "))
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}
