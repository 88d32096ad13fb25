package kafka

import (
	"context"
	"maps"
	"slices"
)

// firstLimits reads the limits of the existing topics that the job writes to, and computes what
// its dead-letter topics must accept.
func (o *output) firstLimits(ctx context.Context) error {
	sources, err := o.t.member.Describe(ctx, slices.Collect(maps.Keys(o.dead))...)
	if err != nil {
		return err
	}
	largest := map[string]int{} // by dead-letter topic, which sources may share
	for source, to := range o.dead {
		if s, ok := sources[source]; ok {
			largest[to.topic] = max(largest[to.topic], s.Size.Bytes+headersRoom)
		}
	}
	topics := []string{}
	for source, to := range o.dead {
		to.bytes = largest[to.topic]
		o.dead[source] = to
		topics = append(topics, to.topic)
	}
	return o.readLimits(ctx, append(topics, o.otherTopics()...)...)
}

// otherTopics returns the topics that the job writes to, apart from those for dead letters.
func (o *output) otherTopics() (topics []string) {
	for _, s := range o.sinks {
		topics = append(topics, s.topic)
	}
	if o.t.journal != nil {
		topics = append(topics, o.t.journal.topic)
	}
	return topics
}

// readLimits reads the present limits of topics. Topics that do not exist have none.
func (o *output) readLimits(ctx context.Context, topics ...string) error {
	slices.Sort(topics)
	topics = slices.Compact(topics)
	described, err := o.t.member.Describe(ctx, topics...)
	if err != nil {
		return err
	}
	others := o.otherTopics()
	for topic, s := range described {
		s.Size.LettersOnly = !slices.Contains(others, topic)
		o.limits.Set(topic, s.Size)
		o.setTimes(topic, s.Times)
		o.retention[topic] = s.Retention
	}
	o.applyLimits()
	return nil
}

// applyLimits gives each sink its topic's limits.
func (o *output) applyLimits() {
	for i := range o.sinks {
		o.sinks[i].bytes = o.limits.At(o.sinks[i].topic).Bytes
		o.sinks[i].times = o.timesOf(o.sinks[i].topic)
	}
}

// written returns the topics that the open transaction writes to.
func (o *output) written() (topics []string) {
	seen := map[string]bool{}
	for _, r := range o.kept {
		if !seen[r.Topic] {
			seen[r.Topic] = true
			topics = append(topics, r.Topic)
		}
	}
	return topics
}
