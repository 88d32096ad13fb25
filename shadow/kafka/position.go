package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"parallax/processors/row"
)

// position is where the task stands in one topic-partition.
type position struct {
	// next is the offset to be fetched next, end the last stable offset as far as
	// it is known; in a bounded run, where the run ends.
	next, end int64
	// processed is the offset after the last record that a batch took.
	processed int64
	lastData  time.Time
	arrivals  arrivals
	paused    bool
	// lane is where its records wait that cannot be decoded for now; then it is not fetched
	// from. Else it is nil.
	lane  *lane
	ended bool
	// begin is the offset at which the run began.
	begin int64
}

// sourceTopics returns the partition counts of the topics that the plan reads.
func (t *Task) sourceTopics(ctx context.Context) (map[string]int32, error) {
	seen := map[string]string{}
	for _, s := range t.plan.Sources {
		if other, twice := seen[s.Topic]; twice {
			return nil, fmt.Errorf("sources %s and %s read the same topic %s", other, s.Name, s.Topic)
		}
		seen[s.Topic] = s.Name
	}
	details, err := t.admin.ListTopics(ctx, t.topics()...)
	if err != nil {
		return nil, fmt.Errorf("reach Kafka at %s: %w", strings.Join(t.cfg.Brokers, ", "), err)
	}
	counts := map[string]int32{}
	for _, topic := range t.topics() {
		d, ok := details[topic]
		switch {
		case !ok || errors.Is(d.Err, kerr.UnknownTopicOrPartition):
			return nil, fmt.Errorf("source topic %s does not exist on %s", topic, strings.Join(t.cfg.Brokers, ", "))
		case d.Err != nil:
			return nil, fmt.Errorf("source topic %s: %w", topic, d.Err)
		}
		counts[topic] = int32(len(d.Partitions))
		t.topicIDs[topic] = d.ID
	}
	return counts, nil
}

// forget deletes the group's offsets, so that the job begins anew.
func (t *Task) forget(ctx context.Context) error {
	_, err := t.admin.DeleteGroup(ctx, t.cfg.Group)
	switch {
	case err == nil, errors.Is(err, kerr.GroupIDNotFound):
		return nil
	case errors.Is(err, kerr.NonEmptyGroup):
		return fmt.Errorf("--from-start: another instance of group %s is active; stop it first", t.cfg.Group)
	}
	return fmt.Errorf("--from-start: delete the offsets of group %s: %w", t.cfg.Group, err)
}

// positions finds where to begin and, in a bounded run, to end.
func (t *Task) positions(ctx context.Context, counts map[string]int32) error {
	start, err := t.cfg.start()
	if err != nil {
		return err
	}
	committed, err := t.committed(ctx)
	if err != nil {
		return err
	}
	if err := t.mayResume(committed); err != nil {
		return err
	}
	if err := t.mayBegin(ctx, committed); err != nil {
		return err
	}
	begins, err := t.beginnings(ctx, start)
	if err != nil {
		return err
	}
	kept, err := t.beginnings(ctx, startAt{})
	if err != nil {
		return err
	}
	ends, err := t.inputEnds(ctx)
	if err != nil {
		return err
	}
	for topic, n := range counts {
		for partition := range n {
			tp := row.TopicPartition{Topic: topic, Partition: partition}
			begin, _ := begins.Lookup(topic, partition)
			pos := &position{next: begin.Offset, end: ends[tp], lastData: time.Now()}
			if at, ok := committed[tp]; ok {
				pos.next = at.offset
				if first, _ := kept.Lookup(topic, partition); first.Offset > pos.next {
					t.log.Warn("Kafka deleted records that the job had not processed; it goes on after them",
						"topic", topic, "partition", partition, "from", pos.next, "to", first.Offset)
					t.stats.brokerGaps.Add(first.Offset - pos.next)
					pos.next = first.Offset
				}
			}
			if pos.next < 0 { // a time after the last record
				pos.next = pos.end
			}
			pos.processed, pos.begin = pos.next, pos.next
			t.parts[tp] = pos
			t.order = append(t.order, tp)
		}
	}
	slices.SortFunc(t.order, func(a, b row.TopicPartition) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	t.measureLag()
	return nil
}

// lastStable returns the last stable offset of each topic-partition.
func (t *Task) lastStable(ctx context.Context) (map[row.TopicPartition]int64, error) {
	listed, err := t.admin.ListCommittedOffsets(ctx, t.topics()...)
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("list the last stable offsets: %w", err)
	}
	ends := map[row.TopicPartition]int64{}
	listed.Each(func(o kadm.ListedOffset) {
		ends[row.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = o.Offset
	})
	return ends, nil
}

func (t *Task) beginnings(ctx context.Context, start startAt) (kadm.ListedOffsets, error) {
	list := t.admin.ListStartOffsets
	switch {
	case start.latest:
		list = t.admin.ListCommittedOffsets
	case start.millis > 0:
		list = func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error) {
			return t.admin.ListOffsetsAfterMilli(ctx, start.millis, topics...)
		}
	}
	begins, err := list(ctx, t.topics()...)
	if err == nil {
		err = begins.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("list where to start: %w", err)
	}
	return begins, nil
}

// committedAt is an offset that the group has committed, with our note on it.
type committedAt struct {
	offset int64
	note   string
}

// stableFetch is one OffsetFetch that does not look past transactions whose
// fate is open (RequireStable): it fails as long as there are any.
func (t *Task) stableFetch(ctx context.Context) (kadm.OffsetResponses, error) {
	fetched, err := t.admin.FetchOffsets(kadm.RequireStable(ctx), t.cfg.Group)
	if err == nil {
		err = fetched.Error()
	}
	return fetched, err
}

// committed fetches the group's offsets. It waits for transactions whose fate is
// open: an older answer would have their records processed twice.
func (t *Task) committed(ctx context.Context) (map[row.TopicPartition]committedAt, error) {
	fetched, err := t.stableFetch(ctx)
	for pause := 5 * time.Millisecond; errors.Is(err, kerr.UnstableOffsetCommit); pause = min(2*pause, time.Second) {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("fetch the offsets of group %s: %w (%w)", t.cfg.Group, err, ctx.Err())
		case <-time.After(pause):
		}
		fetched, err = t.stableFetch(ctx)
	}
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return nil, fmt.Errorf("fetch the offsets of group %s: %w", t.cfg.Group, err)
	}
	out := map[row.TopicPartition]committedAt{}
	fetched.Each(func(o kadm.OffsetResponse) {
		if o.At >= 0 {
			out[row.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = committedAt{o.At, o.Metadata}
		}
	})
	return out, nil
}

// mayResume refuses to go on where that would give wrong answers.
func (t *Task) mayResume(committed map[row.TopicPartition]committedAt) error {
	resumed := false
	for _, topic := range t.topics() {
		for tp, at := range committed {
			if tp.Topic != topic {
				continue
			}
			if strings.HasSuffix(at.note, finishedNote) {
				return fmt.Errorf("group %s is finished: its windows were flushed at %s/%d@%d; run it again with --from-start (and --append to keep what is in the output topics), or under another group and onto other output topics",
					t.cfg.Group, tp.Topic, tp.Partition, at.offset)
			}
			resumed = true
		}
	}
	if resumed && t.opt.Stateful {
		return fmt.Errorf("group %s has committed offsets, and the job has state that was lost when it last stopped: going on would emit wrong aggregates; run it with --from-start (and --append to keep what is in the output topics), or under another group and onto other output topics", t.cfg.Group)
	}
	return nil
}

// measureLag counts the offsets that are left.
func (t *Task) measureLag() {
	var lag int64
	for _, p := range t.parts {
		lag += max(0, p.end-p.processed)
	}
	t.stats.lag.Store(lag)
}
