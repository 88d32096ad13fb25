package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/explain"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka/cluster"
	"parallax/shadow/replay"
)

// records reads the records to replay: from the file, else from the job's topics.
func (c *explainCommand) records(e *env, l *config.Loaded, s *explain.Subject, known *diff.Signature) (replay.Input, error) {
	if c.Records <= 0 {
		return replay.Input{}, fmt.Errorf("--records: %d: must be greater than 0", c.Records)
	}
	if c.Input == "" {
		return c.fromTopics(e, l, s, known)
	}
	if c.From != "" {
		return replay.Input{}, errors.New("--from is for records that are read from topics; remove it, or --input")
	}
	var in io.Reader = e.in
	name := "standard input"
	if c.Input != "-" {
		f, err := os.Open(c.Input)
		if err != nil {
			return replay.Input{}, err
		}
		defer f.Close()
		in, name = f, c.Input
	}
	list, err := explain.Read(e.ctx, in, name, s.Plan, c.Records, ingest.FileOptions{MaxFuture: s.MaxFuture})
	if errors.Is(err, explain.ErrTooMany) {
		return replay.Input{}, fmt.Errorf("%s has more than %s records: allow more with --records, or give only those up to the divergence", name, gate.Thousands(int64(c.Records)))
	}
	return replay.Input{Records: list}, err
}

// fromTopics reads the records of the job's topics up to the divergence's cause.
func (c *explainCommand) fromTopics(e *env, l *config.Loaded, s *explain.Subject, known *diff.Signature) (replay.Input, error) {
	var from time.Time
	if c.From != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, c.From); err != nil {
			return replay.Input{}, fmt.Errorf("--from: %q must be a time such as 2026-01-02T15:04:05Z", c.From)
		}
	}
	input, err := replay.FromTopics(e.ctx, l.Job.Kafka, s, known, c.Records, from, e.log)
	if errors.Is(err, cluster.ErrTooMany) {
		return input, &hintedError{err, "say where to begin with --from, or where the divergence is with --summary or --evidence, or allow more with --records"}
	}
	return input, err
}
