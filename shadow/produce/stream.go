package produce

import (
	"fmt"
	"slices"
	"strings"

	"parallax/processors/row"
	"parallax/shadow/workload"
)

// Source streams records; false is the end.
type Source interface{ Next() (row.Record, bool) }

// Stream is a scenario's records, and the topics that they are for.
type Stream struct {
	Source
	Topics   []string
	scenario string
}

// Nexmark is the scenario whose records are events of three kinds, a topic for each. It is
// no job's: it has no query.
const Nexmark = "nexmark"

// Open starts a scenario's stream.
func Open(scenario string, opt workload.Options) (*Stream, error) {
	if scenario == Nexmark {
		return &Stream{workload.NewNexmark(opt), []string{"person", "auction", "bid"}, scenario}, nil
	}
	s, err := workload.Lookup(scenario)
	if err != nil {
		return nil, fmt.Errorf("%w, %s", err, Nexmark)
	}
	return &Stream{s.Generate(opt), s.Topics, scenario}, nil
}

// Into is the stream into another topic, if it is into one; of a stream into several
// topics, the part for those that are named, with commas between them.
func (s *Stream) Into(topic string) (*Stream, error) {
	if len(s.Topics) == 1 {
		return &Stream{renamed{s.Source, topic}, []string{topic}, s.scenario}, nil
	}
	chosen := strings.Split(topic, ",")
	for _, t := range chosen {
		if !slices.Contains(s.Topics, t) {
			return nil, fmt.Errorf("topic %s: the scenario %s has topics %s", t, s.scenario, strings.Join(s.Topics, ", "))
		}
	}
	return &Stream{chosenTopics{s.Source, chosen}, chosen, s.scenario}, nil
}

// renamed is a stream into another topic.
type renamed struct {
	Source
	topic string
}

func (r renamed) Next() (row.Record, bool) {
	rec, ok := r.Source.Next()
	rec.Topic = r.topic
	return rec, ok
}

// chosenTopics is the part of a stream that goes to some topics.
type chosenTopics struct {
	Source
	topics []string
}

func (c chosenTopics) Next() (row.Record, bool) {
	for {
		rec, ok := c.Source.Next()
		if !ok || slices.Contains(c.topics, rec.Topic) {
			return rec, ok
		}
	}
}
