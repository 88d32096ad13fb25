package kafka

import (
	"context"
	"time"
)

// Retention is how long a topic keeps its records.
type Retention struct {
	Topic string
	// Keeps is 0 for a topic that keeps them without end.
	Keeps time.Duration
}

// SourceRetention returns the shortest retention of the topics that the job reads.
func (t *Task) SourceRetention() Retention { return t.sourceRetention }

// shortestRetention returns the shortest retention of the source topics. A topic whose settings the job
// may not read counts as one that keeps its records.
func (m *member) shortestRetention(ctx context.Context) (least Retention, err error) {
	topics, err := m.Describe(ctx, m.topics...)
	if err != nil {
		return least, err
	}
	for _, topic := range m.topics {
		if keeps := topics[topic].Keeps; keeps > 0 && (least.Keeps == 0 || keeps < least.Keeps) {
			least = Retention{topic, keeps}
		}
	}
	return least, nil
}
