package kafka_test

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/processors/row"
	"parallax/shadow/kafka"
)

// TestTheOrderOfAnInstanceThatHungDoesNotGetIntoTheJournal stops an instance before its commit and at each request
// of it (a broker adds partitions to a transaction when records are produced). Its successor commits another order of the same records; then the first one wakes, and then the
// successor is killed. The third instance must follow the order that committed.
func TestTheOrderOfAnInstanceThatHungDoesNotGetIntoTheJournal(t *testing.T) {
	for name, at := range map[string]kmsg.Key{
		"before the commit":                          -1,
		"when it produces":                           kmsg.Produce,
		"when it adds the group to the transaction":  kmsg.AddOffsetsToTxn,
		"when it commits offsets in the transaction": kmsg.TxnOffsetCommit,
		"when it ends the transaction":               kmsg.EndTxn,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) { p.hangsAt(t, at) })
		})
	}
}

// hangsAt is the test where the first instance hangs at a request, -1 for before its commit.
func (p *place) hangsAt(t *testing.T, at kmsg.Key) {
	p.fill(t, 0, 2)
	pl, cfg, produce := p.compile(t, totals), p.config("g"), p.producer(t)
	var h history
	begin := func(opt kafka.Options, from *checkpoint) *incarnation {
		in, err := p.begin(t, cfg, pl, opt, from)
		if err != nil {
			t.Fatal(err)
		}
		in.onBatch = func(b *row.Batch, isReplayed bool) { h.add(t, b, isReplayed) }
		return in
	}
	first := begin(kafka.Options{}, nil)
	arrive := func(in *incarnation, partition int32, ts int) {
		produce(partition, ts)
		in.steps(t, 1)
	}
	arrive(first, 0, 100)
	first.commit(t)
	from := first.checkpoint(t)
	arrive(first, 1, 50_000)
	arrive(first, 0, 200)
	first.commit(t) // what the second instance replays
	arrive(first, 0, 90_000)
	arrive(first, 1, 60_000) // the second instance takes these two in the other order

	member := p.members(t)
	hung, awake, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	if at < 0 {
		close(hung)
	} else {
		isHung := false
		p.fake.ControlKey(at.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
			p.fake.KeepControl()
			if !isHung {
				isHung = true
				close(hung)
				p.fake.SleepControl(func() { <-awake })
			}
			return nil, nil, false
		})
	}
	go func() {
		if at < 0 {
			<-awake
		}
		ended <- first.Commit(t.Context())
	}()
	<-hung
	opened := make(chan *incarnation)
	go func() { opened <- begin(kafka.Options{}, from) }()
	for len(p.members(t)) < 2 { // the second one waits
		time.Sleep(time.Second) // of the bubble
	}
	isBarred := true // the first one does not join again
	p.fake.ControlKey(kmsg.JoinGroup.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		p.fake.KeepControl()
		join := req.(*kmsg.JoinGroupRequest)
		if !isBarred || join.MemberID != "" {
			return nil, nil, false
		}
		resp := join.ResponseKind().(*kmsg.JoinGroupResponse)
		resp.ErrorCode = kerr.GroupMaxSizeReached.Code
		return resp, nil, true
	})
	p.expel(t, member)
	second := <-opened
	h.begins(from.at(t).Position)
	for len(second.took) < 4 {
		second.steps(t, 1)
	}
	if last := second.took[3]; last.Partition != 0 {
		t.Errorf("the second instance took %s/%d last, as the first one did", last.Topic, last.Partition)
	}
	second.commit(t)
	arrive(second, 1, 70_000)
	arrive(second, 0, 65_000)
	second.commit(t)
	close(awake)
	if err := <-ended; err == nil {
		t.Error("the instance that hung has committed")
	}
	_ = first.Close(t.Context())
	second.stop(t)
	isBarred = false

	third := begin(kafka.Options{UntilEnd: true, Flush: true}, from)
	h.begins(from.at(t).Position)
	for !third.steps(t, 1) {
	}
	third.commit(t)
	third.stop(t)
	if done, total, _ := third.Replaying(); done != 6 || total != 6 {
		t.Errorf("%d of %d records were replayed, want 6", done, total)
	}
	oracle := p.compile(t, replaceTopic(totals, "oracle"))
	if got, want := p.read(t, "totals"), h.rows(t, p, oracle, "oracle"); !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("wrote\n%q\nwant\n%q", got, want)
	}
}

// members returns the members of the group.
func (p *place) members(t *testing.T) (ids []string) {
	t.Helper()
	groups, err := p.admin(t).DescribeGroups(t.Context(), p.prefix+"g")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range groups[p.prefix+"g"].Members {
		ids = append(ids, m.MemberID)
	}
	return ids
}

// expel makes the group forget members, as when they have not answered for too long.
func (p *place) expel(t *testing.T, ids []string) {
	t.Helper()
	c := p.newClient(t)
	defer c.Close()
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = p.prefix + "g"
	for _, id := range ids {
		m := kmsg.NewLeaveGroupRequestMember()
		m.MemberID = id
		req.Members = append(req.Members, m)
	}
	if _, err := req.RequestWith(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}
