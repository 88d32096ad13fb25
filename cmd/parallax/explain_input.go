package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/processors/row"
	"parallax/reports/gate"
	"parallax/shadow/explain"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka"
)

// explainInput are the records to replay, in the order of the input. isCut: earlier ones were
// left out.
type explainInput struct {
	records []row.Record
	isCut   bool
}

// records reads the records to replay: from the file, else from the job's topics.
func (c *explainCommand) records(e *env, l *config.Loaded, s *explain.Subject, known *diff.Signature) (explainInput, error) {
	if c.Records <= 0 {
		return explainInput{}, fmt.Errorf("--records: %d: must be greater than 0", c.Records)
	}
	if c.Input == "" {
		return c.fromTopics(e, l, s, known)
	}
	if c.From != "" {
		return explainInput{}, errors.New("--from is for records that are read from topics; remove it, or --input")
	}
	var in io.Reader = e.in
	name := "standard input"
	if c.Input != "-" {
		f, err := os.Open(c.Input)
		if err != nil {
			return explainInput{}, err
		}
		defer f.Close()
		in, name = f, c.Input
	}
	list, err := explain.Read(e.ctx, in, name, s.Plan, c.Records, ingest.FileOptions{MaxFuture: s.MaxFuture})
	if errors.Is(err, explain.ErrTooMany) {
		return explainInput{}, fmt.Errorf("%s has more than %s records: allow more with --records, or give only those up to the divergence", name, gate.Thousands(int64(c.Records)))
	}
	return explainInput{records: list}, err
}

// fromTopics reads the records of the job's topics up to the divergence's cause.
func (c *explainCommand) fromTopics(e *env, l *config.Loaded, s *explain.Subject, known *diff.Signature) (explainInput, error) {
	r := kafka.Range{Most: c.Records}
	if c.From != "" {
		from, err := time.Parse(time.RFC3339, c.From)
		if err != nil {
			return explainInput{}, fmt.Errorf("--from: %q must be a time such as 2026-01-02T15:04:05Z", c.From)
		}
		r.From = from
	}
	if known != nil {
		if causes := known.Example.Causes; len(causes) > 0 {
			at := causes[len(causes)-1]
			r.Until = &kafka.Place{TopicPartition: row.TopicPartition{Topic: at.Topic, Partition: at.Partition}, Offset: at.Offset}
		}
		if w := known.Example.Window; len(w) == 2 && w[0] > 0 {
			r.Since = time.UnixMilli(w[0])
		}
	}
	var topics []string
	for _, source := range s.Plan.Sources {
		topics = append(topics, source.Topic)
	}
	fetched, err := kafka.ReadRange(e.ctx, l.Job.Kafka, topics, r, e.log)
	if errors.Is(err, kafka.ErrTooMany) {
		return explainInput{}, &hintedError{err, "say where to begin with --from, or where the divergence is with --summary or --evidence, or allow more with --records"}
	}
	if err != nil {
		return explainInput{}, err
	}
	var lists [][]row.Record
	for _, p := range fetched.Parts {
		lists = append(lists, p.Records)
	}
	list, err := s.Order(e.ctx, lists)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("the topics of job %s have no records there", s.Job)
	}
	return explainInput{list, fetched.IsCut}, err
}
