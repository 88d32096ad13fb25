package kafka

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/ingest"
	"parallax/shadow/kafka/journal"
)

// journalRetention is for how long a journal topic that the job creates keeps its records, at least.
const journalRetention = 7 * 24 * time.Hour

// journalTopic is the job's journal topic: the part of the order of committed input that a replay cannot
// derive from the records, and the changes of the migration's stage.
type journalTopic struct {
	topic string
	codec *journal.Codec
	// existed says that the topic existed before this start.
	existed bool
	// next is the offset after the last record that has committed.
	next atomic.Int64

	mu      sync.Mutex
	pending ingest.Journal // has not committed
}

// keepsJournal reports whether the job has something to record: the order, if the job may be replayed
// and has more than one topic-partition, or changes of stage.
func (t *Task) keepsJournal() bool {
	keepsOrder := t.opt.Resume != nil && t.opt.Stateful && len(t.member.topicPartitions()) > 1
	return !t.opt.NoOutput && (keepsOrder || t.opt.Stages)
}

// JournalTopic returns the name of a job's journal topic. A job whose name has characters that
// a topic's cannot have gets another one, with a hash of the name.
func JournalTopic(job string) string {
	const most = 200
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '_'
	}, job)
	if name = name[:min(len(name), most)]; name != job {
		h := fnv.New32a()
		h.Write([]byte(job))
		name += fmt.Sprintf("-%08x", h.Sum32())
	}
	return "parallax." + name + ".journal"
}

// prepareJournal creates the journal topic if it is missing, and refuses one that deletes records too
// early. It returns nil for a job that keeps no journal.
func (t *Task) prepareJournal(ctx context.Context) (*journalTopic, error) {
	if !t.keepsJournal() {
		return nil, nil
	}
	j := &journalTopic{topic: JournalTopic(t.opt.Job)}
	least := 2 * t.opt.StateInterval
	keep := strconv.FormatInt(max(journalRetention, 2*least).Milliseconds(), 10)
	if !t.opt.Stateful { // it has changes of stage only, and no checkpoint has them, too
		keep = "-1"
	}
	n, existed, err := t.member.EnsureTopic(ctx, j.topic, 1, 0, map[string]*string{
		"cleanup.policy": kadm.StringPtr("delete"), "retention.ms": kadm.StringPtr(keep), "retention.bytes": kadm.StringPtr("-1"),
	})
	if err != nil {
		return nil, fmt.Errorf("journal topic: %w; a job with state that reads several topic-partitions records their order there, and a job with a migration its changes of stage, so it must be allowed to create, describe, read and write this topic (create it yourself with one partition if the job may not; state: off runs without)", err)
	}
	described, err := t.member.Describe(ctx, j.topic)
	if err != nil {
		return nil, fmt.Errorf("journal topic: %w", err)
	}
	s := described[j.topic]
	switch {
	case n != 1:
		return nil, fmt.Errorf("journal topic %s has %d partitions, want 1: the order of its records would not be known; delete the topic, and start the job with --from-start if it was not stopped cleanly", j.topic, n)
	case s.Compacts:
		return nil, fmt.Errorf("journal topic %s has cleanup.policy=compact, which removes records that a restart needs: set it to delete", j.topic)
	case s.Retention > 0 && s.Retention < least:
		return nil, fmt.Errorf("journal topic %s keeps records for %v (retention.ms), and the job needs them for at least two checkpoints, %v: raise retention.ms or lower state.interval", j.topic, s.Retention, least)
	}
	j.existed = existed
	if j.codec, err = journal.NewCodec(); err != nil {
		return nil, err
	}
	return j, nil
}

// add moves the new entries of the sequencer's journal to pending.
func (j *journalTopic) add(s *ingest.Sequencer) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	s.AppendJournal(&j.pending)
}

// cut removes the entries before a position and returns them.
func (j *journalTopic) cut(position int64) ingest.Journal {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.pending.Cut(position)
}

// produceJournal adds the journal of the open transaction's input to it.
func (o *output) produceJournal(ctx context.Context) error {
	j := o.t.journal
	if j == nil {
		return nil
	}
	all := j.cut(o.position)
	if all.IsEmpty() {
		return nil
	}
	first := len(o.kept)
	from := o.committedTo
	for !all.IsEmpty() {
		to := o.position
		if len(all.Runs) > journal.MostItems {
			to = min(to, all.Runs[journal.MostItems].Position)
		}
		if len(all.Departures) > journal.MostItems {
			to = min(to, max(all.Departures[journal.MostItems].Position, from+1))
		}
		r := journal.Record{Group: o.t.cfg.Group, Generation: o.t.generation, Transaction: o.number, From: from, To: to, Journal: all.Cut(to)}
		r.Journal.Compact()
		value := j.codec.Value(&r)
		o.kept = append(o.kept, &kgo.Record{Topic: j.topic, Value: value, Timestamp: time.Now()})
		o.causes = append(o.causes, cause{offset: -1})
		o.t.stats.journalBytes.Add(int64(len(value)))
		from = to
	}
	return o.produce(ctx, o.kept[first:])
}

// committed updates next after a commit. The records of the order are the last ones of a
// transaction; hasStage says that it also has a change of stage, which may be anywhere.
func (j *journalTopic) committed(kept []*kgo.Record, hasStage bool) {
	if j == nil {
		return
	}
	for i := len(kept) - 1; i >= 0 && (hasStage || kept[i].Topic == j.topic); i-- {
		if kept[i].Topic == j.topic {
			j.next.Store(max(j.next.Load(), kept[i].Offset+1))
		}
	}
}
