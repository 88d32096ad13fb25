package replay

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/explain"
	"parallax/shadow/kafka"
	"parallax/shadow/kafka/cluster"
)

// Input are the records to replay, in the order of the input. IsCut: earlier ones were left
// out.
type Input struct {
	Records []row.Record
	IsCut   bool
}

// FromTopics reads the records of the job's topics up to the divergence's cause, at most a
// number of them; from is the time to begin at, zero for where the divergence's window begins.
func FromTopics(ctx context.Context, cfg kafka.Config, s *explain.Subject, known *diff.Signature, most int, from time.Time, log *slog.Logger) (Input, error) {
	r := cluster.Range{Most: most, From: from}
	if known != nil {
		if causes := known.Example.Causes; len(causes) > 0 {
			at := causes[len(causes)-1]
			r.Until = &cluster.Place{TopicPartition: row.TopicPartition{Topic: at.Topic, Partition: at.Partition}, Offset: at.Offset}
		}
		if w := known.Example.Window; len(w) == 2 && w[0] > 0 {
			r.Since = time.UnixMilli(w[0])
		}
	}
	var topics []string
	for _, source := range s.Plan.Sources {
		topics = append(topics, source.Topic)
	}
	brokers, err := cfg.Connect(log)
	if err != nil {
		return Input{}, err
	}
	defer brokers.Close()
	fetched, err := brokers.ReadRange(ctx, topics, r)
	if err != nil {
		return Input{}, err
	}
	var lists [][]row.Record
	for _, p := range fetched.Parts {
		lists = append(lists, p.Records)
	}
	list, err := s.Order(ctx, lists)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("the topics of job %s have no records there", s.Job)
	}
	return Input{list, fetched.IsCut}, err
}

// LeftOut says that earlier records were left out of a replay that does not show the
// divergence; most is how many could be replayed, as the reader can change it.
func LeftOut(most string) string {
	return fmt.Sprintf("the input: earlier records were left out, because there are more than %s; state may depend on them", most)
}
