package main

import (
	"errors"
	"fmt"
	"strings"

	"parallax/shadow/produce"
	"parallax/shadow/workload"
)

type generateCommand struct {
	Scenario   string   `help:"Scenario: desks, 0, 1, 2, 2c, 3a, 3b, session, hopping, distinct or small; join: topics orders and payments; nexmark: topics person, auction and bid." default:"3b"`
	Records    int      `help:"How many records." default:"1000000"`
	Seed       uint64   `help:"Seed: the same one gives the same data." default:"1"`
	Messy      float64  `help:"Percentage of records in another form that says the same: fields shuffled, escapes, nested extras." default:"0"`
	Bad        float64  `help:"Percentage of records that are cut short." default:"0"`
	Output     string   `help:"File to write records to, a JSON line each; - is standard output." short:"o" placeholder:"FILE"`
	Brokers    []string `help:"Kafka brokers (host:port) to produce to."`
	Topic      string   `help:"Topic to produce to; created if it is missing. Of a scenario with several topics those to keep, with commas."`
	Partitions int      `help:"Topic-partitions that records are dealt to in turn." default:"1"`
}

func (generateCommand) Help() string {
	return examples(
		"parallax generate --records 1000 -o records.jsonl",
		"parallax generate --records 1000000 --brokers localhost:9092 --topic market_data --partitions 6",
		"parallax generate --messy 5 --bad 0.1 -o messy.jsonl",
	)
}

func (c *generateCommand) Run(e *env) error {
	opt := workload.Options{Records: c.Records, Seed: c.Seed, Messy: c.Messy, Bad: c.Bad, Partitions: c.Partitions}
	if err := opt.Validate(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	s, err := c.stream(opt)
	if err != nil {
		return err
	}
	switch {
	case c.Output != "" && len(c.Brokers) > 0:
		return errors.New("-o FILE and --brokers cannot be used together; remove one")
	case c.Output != "":
		return c.toFile(e, s)
	case len(c.Brokers) > 0:
		if err := checkBrokers(c.Brokers); err != nil {
			return err
		}
		return c.toTopics(e, s)
	}
	return errors.New("no destination; write -o FILE, or --brokers HOST:PORT --topic NAME")
}

// stream starts the scenario's stream, into the topics that are named.
func (c *generateCommand) stream(opt workload.Options) (*produce.Stream, error) {
	if c.Scenario == produce.Nexmark && (c.Messy > 0 || c.Bad > 0) {
		return nil, errors.New("--messy and --bad are not for the scenario nexmark")
	}
	s, err := produce.Open(c.Scenario, opt)
	if err != nil || c.Topic == "" {
		return s, err
	}
	if s, err = s.Into(c.Topic); err != nil {
		return nil, fmt.Errorf("--%w", err)
	}
	return s, nil
}

func (c *generateCommand) toFile(e *env, s *produce.Stream) (err error) {
	out := e.out
	if c.Output != "-" {
		f, err := createOutput("-o", c.Output)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	return produce.WriteLines(out, s)
}

func (c *generateCommand) toTopics(e *env, s *produce.Stream) error {
	producer, err := produce.NewProducer(c.Brokers)
	if err != nil {
		return err
	}
	defer producer.Close()
	for _, topic := range s.Topics {
		if err := producer.CreateTopic(e.ctx, topic, int32(c.Partitions)); err != nil {
			return err
		}
	}
	p := newProgress(e.errs, "produced", int64(c.Records))
	defer p.done()
	n, err := producer.Produce(e.ctx, s, p.at)
	if err != nil {
		return fmt.Errorf("produce to %s: %w", strings.Join(s.Topics, ", "), err)
	}
	e.log.Info("produced", "records", n, "topics", strings.Join(s.Topics, ","))
	return nil
}
