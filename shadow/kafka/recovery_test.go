package kafka_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/shadow/kafka"
)

// hung is an instance that stopped answering in the middle of a commit: its
// records are produced and its offsets are in the transaction, which is open.
func (p *place) hung(t *testing.T, group, topic string, offset int64) *kgo.Client {
	t.Helper()
	id := "parallax-" + p.prefix + group + "-job"
	c := p.newClient(t, kgo.TransactionalID(id), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionTimeout(time.Minute))
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for i := range offset {
		if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: p.prefix + topic, Value: fmt.Appendf(nil, "hung %d", i)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	producer, epoch, err := c.ProducerID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	add := kmsg.NewPtrAddOffsetsToTxnRequest()
	add.TransactionalID, add.ProducerID, add.ProducerEpoch, add.Group = id, producer, epoch, p.prefix+group
	if resp, err := add.RequestWith(t.Context(), c); err != nil || resp.ErrorCode != 0 {
		t.Fatal(err, kerr.ErrorForCode(resp.ErrorCode))
	}
	topics, err := kadm.NewClient(c).ListTopics(t.Context(), p.prefix+"trades")
	if err != nil {
		t.Fatal(err)
	}
	req := kmsg.NewPtrTxnOffsetCommitRequest()
	req.TransactionalID, req.Group, req.ProducerID, req.ProducerEpoch = id, add.Group, producer, epoch
	rt := kmsg.NewTxnOffsetCommitRequestTopic()
	rt.Topic, rt.TopicID = p.prefix+"trades", topics[p.prefix+"trades"].ID
	rp := kmsg.NewTxnOffsetCommitRequestTopicPartition()
	rp.Offset = offset
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	resp, err := req.RequestWith(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnInstanceThatHungInACommitCannotCommitAfterAnotherTookOver(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 40, 1)
		c := p.newClient(t)
		if _, err := kadm.NewClient(c).CreateTopic(t.Context(), 1, -1, map[string]*string{"retention.ms": kadm.StringPtr("-1")}, p.prefix+"copies"); err != nil {
			t.Fatal(err)
		}
		c.Close()
		hung := p.hung(t, "g", "copies", 10)
		defer hung.CloseAllowingRebalance()
		pl := p.compile(t, copies)
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := hung.EndTransaction(t.Context(), kgo.TryCommit); err == nil {
			t.Error("the instance that hung committed after another took over")
		}
		took, err := work(t.Context(), t, task, pl, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := p.read(t, "copies")
		if len(took) != 40 || len(got) != 40 || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "hung") }) {
			t.Errorf("took %d records; %d rows, want 40 of the second instance's:\n%s", len(took), len(got), strings.Join(got, "\n"))
		}
	})
}

func TestARefusedStartFromTheBeginningForgetsNothing(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 40, 1)
		pl := p.compile(t, copies)
		p.whole(t, "g", pl, kafka.Options{UntilEnd: true})
		if task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true, FromStart: true}); err == nil {
			_ = task.Close(t.Context())
			t.Fatal("an output topic that is not empty was not refused")
		}
		if at := p.committed(t, "g"); at[0] != 40 {
			t.Errorf("committed %v, want 40: the next run would emit every row again", at)
		}
	})
}

func TestRecordsThatKafkaDeletedDoNotHangABoundedRun(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 80, 2)
		pl := p.compile(t, copies)
		p.whole(t, "g", pl, kafka.Options{UntilEnd: true})
		// Ten more come to partition 1, and are deleted before they are read.
		c := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
		for range 10 {
			if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: p.prefix + "trades", Partition: 1, Value: []byte("{}")}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := kadm.NewClient(c).DeleteRecords(t.Context(), kadm.Offsets{p.prefix + "trades": {1: {Topic: p.prefix + "trades", Partition: 1, At: 50, LeaderEpoch: -1}}}); err != nil {
			t.Fatal(err)
		}
		c.Close()
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		took, err := work(t.Context(), t, task, pl, 0)
		if err != nil || len(took) != 0 {
			t.Errorf("took %d records, %v", len(took), err)
		}
		if s := task.Stats(); s.BrokerGaps != 10 || s.Lag != 0 {
			t.Errorf("%+v, want 10 gaps and no lag", s)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnEmptyTopicIsABoundedRunWithoutRecords(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 0, 3)
		pl := p.compile(t, totals)
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true, Flush: true, Stateful: true})
		if err != nil {
			t.Fatal(err)
		}
		if took, err := work(t.Context(), t, task, pl, 0); err != nil || len(took) != 0 {
			t.Errorf("took %d records, %v", len(took), err)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if task, err = p.open(t, "g", pl, kafka.Options{UntilEnd: true, Flush: true, Stateful: true}); err == nil {
			_ = task.Close(t.Context())
			t.Error("a group that was flushed went on")
		} else if !strings.Contains(err.Error(), "is finished") {
			t.Error(err)
		}
	})
}

func TestAnAssignmentThatIsTakenAwayEndsTheTask(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 40, 1)
		pl := p.compile(t, copies)
		task, err := p.open(t, "g", pl, kafka.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = task.Close(t.Context()) }()
		c := p.newClient(t)
		defer c.Close()
		admin := kadm.NewClient(c)
		groups, err := admin.DescribeGroups(t.Context(), p.prefix+"g")
		if err != nil || groups.Error() != nil {
			t.Fatal(err, groups.Error())
		}
		for _, m := range groups[p.prefix+"g"].Members {
			req := kmsg.NewPtrLeaveGroupRequest()
			req.Group = p.prefix + "g"
			lm := kmsg.NewLeaveGroupRequestMember()
			lm.MemberID = m.MemberID
			req.Members = append(req.Members, lm)
			if _, err := req.RequestWith(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := work(t.Context(), t, task, pl, 0); !errors.Is(err, kafka.ErrAssignmentLost) {
			t.Errorf("%v, want that the assignment is lost", err)
		}
	})
}
