package kafka_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/shadow/kafka"
)

// TestTransactionsThatAbortAtRandomLeaveOutputAndOffsetsExact breaks every kind
// of request that a transaction is made of, before and after the broker has
// acted on it.
func TestTransactionsThatAbortAtRandomLeaveOutputAndOffsetsExact(t *testing.T) {
	var want []string
	var wantDead []string
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				p.fill(t, 700, 3)
				pl := p.compile(t, totals)
				task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true, Flush: true, Stateful: true})
				if err != nil {
					t.Fatal(err)
				}
				random := rand.New(rand.NewPCG(seed, 0))
				if seed > 0 { // seed 0 is what the others must equal
					disturb(t, p, random)
				}
				took, err := work(t.Context(), t, task, pl, 0)
				if err != nil {
					t.Fatal(err)
				}
				stats := task.Stats()
				if err := task.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if len(took) != 700 || len(slices.Compact(slices.Sorted(slices.Values(took)))) != 700 {
					t.Errorf("took %d records, some twice or never", len(took))
				}
				got, dead := p.read(t, "totals"), p.read(t, "trades.dlq")
				if want == nil {
					want, wantDead = got, dead
				}
				if !slices.Equal(got, want) || !slices.Equal(dead, wantDead) {
					t.Errorf("%d rows and %d dead letters, want %d and %d", len(got), len(dead), len(want), len(wantDead))
				}
				if at := p.committed(t, "g"); !maps.Equal(at, map[int32]int64{0: 234, 1: 233, 2: 233}) {
					t.Errorf("committed %v", at)
				}
				if seed > 0 {
					t.Logf("%d transactions, %d produced again", stats.Committed, stats.Reproduced)
				}
			})
		})
	}
}

// disturb makes the broker fail, at random and a bounded number of times, each
// request of a transaction.
func disturb(t *testing.T, p *place, random *rand.Rand) {
	c, budget := p.fake, 6
	roll := func() bool {
		if budget == 0 || random.IntN(3) > 0 {
			return false
		}
		budget--
		return true
	}
	c.ControlKey(int16(kmsg.EndTxn), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !roll() {
			return nil, nil, false
		}
		if random.IntN(2) == 0 { // the broker acts, and its answer is lost
			again := p.newClient(t)
			defer again.Close()
			c.SleepControl(func() {
				if _, err := again.Request(t.Context(), r); err != nil {
					t.Error(err)
				}
			})
		}
		resp := r.ResponseKind().(*kmsg.EndTxnResponse)
		resp.ErrorCode = kerr.UnknownServerError.Code
		return resp, nil, true
	})
	c.ControlKey(int16(kmsg.AddOffsetsToTxn), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !roll() {
			return nil, nil, false
		}
		resp := r.ResponseKind().(*kmsg.AddOffsetsToTxnResponse)
		resp.ErrorCode = kerr.UnknownServerError.Code
		return resp, nil, true
	})
	c.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !roll() {
			return nil, nil, false
		}
		if random.IntN(2) == 0 {
			return nil, errors.New("the connection broke"), true
		}
		req := r.(*kmsg.ProduceRequest)
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			for _, tp := range t.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition, rp.ErrorCode = tp.Partition, kerr.UnknownServerError.Code
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
	c.ControlKey(int16(kmsg.TxnOffsetCommit), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !roll() {
			return nil, nil, false
		}
		req := r.(*kmsg.TxnOffsetCommitRequest)
		resp := req.ResponseKind().(*kmsg.TxnOffsetCommitResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewTxnOffsetCommitResponseTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			for _, tp := range t.Partitions {
				rp := kmsg.NewTxnOffsetCommitResponseTopicPartition()
				rp.Partition, rp.ErrorCode = tp.Partition, kerr.UnknownServerError.Code
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
}

func TestAnUnconfirmedEndThatCommittedIsNotProducedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 100, 1)
		pl := p.compile(t, copies)
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		// The broker commits, and the answer is lost: the client is told otherwise.
		lost := false
		p.fake.ControlKey(int16(kmsg.EndTxn), func(r kmsg.Request) (kmsg.Response, error, bool) {
			p.fake.KeepControl()
			if lost {
				return nil, nil, false
			}
			lost = true
			c := p.newClient(t)
			defer c.Close()
			p.fake.SleepControl(func() {
				if _, err := c.Request(t.Context(), r); err != nil {
					t.Error(err)
				}
			})
			resp := r.ResponseKind().(*kmsg.EndTxnResponse)
			resp.ErrorCode = kerr.UnknownServerError.Code
			return resp, nil, true
		})
		if _, err := work(t.Context(), t, task, pl, 0); err != nil {
			t.Fatal(err)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got := p.read(t, "copies"); len(got) != 98 || len(slices.Compact(got)) != 98 {
			t.Errorf("%d rows, want 98 different ones", len(got))
		}
		if !lost {
			t.Error("no answer was lost")
		}
	})
}
