package kafka_test

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/processors/row"
	"parallax/shadow/kafka"
	"parallax/shadow/stage"
)

// An instance is killed before, in and after the commit that has a change of stage. The next one is in
// the stage of the last change that committed, and each row is there once.
func TestTheStageIsThatOfTheLastChangeThatCommitted(t *testing.T) {
	for name, at := range map[string]kmsg.Key{
		"killed before the commit":                                -1,
		"killed when it produces":                                 kmsg.Produce,
		"killed when it adds the group to the transaction":        kmsg.AddOffsetsToTxn,
		"killed when it commits offsets in the transaction":       kmsg.TxnOffsetCommit,
		"killed when it ends the transaction":                     kmsg.EndTxn,
		"killed after the commit":                                 -2,
		"killed after the commit of a change without any records": -3,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) { p.changesStage(t, at) })
		})
	}
}

// changesStage is the test where the first instance hangs at a request, or, below 0, at a place of its own.
func (p *place) changesStage(t *testing.T, at kmsg.Key) {
	p.fill(t, 0, 1)
	pl, cfg, produce := p.compile(t, totals), p.config("g"), p.producer(t)
	var h history
	begin := func(opt kafka.Options, from *checkpoint) *incarnation {
		opt.Stages = true
		in, err := p.begin(t, cfg, pl, opt, from)
		if err != nil {
			t.Error(err)
			return nil
		}
		in.onBatch = func(b *row.Batch, isReplayed bool) { h.add(t, b, isReplayed) }
		return in
	}
	first := begin(kafka.Options{}, nil)
	if len(first.Stages()) != 0 || !first.RecordsStages() {
		t.Fatalf("at the first start the stage is %+v", first.Stages())
	}
	arrive := func(in *incarnation, ts int) {
		produce(0, ts)
		in.steps(t, 1)
	}
	record := func(to stage.Stage) {
		if err := first.RecordStage(t.Context(), &stage.Change{To: to, Who: "anna"}); err != nil {
			t.Fatal(err)
		}
	}
	arrive(first, 100)
	first.commit(t)
	from := first.checkpoint(t)
	record(stage.Stage{Kind: stage.Canary, Percent: 5})
	arrive(first, 50_000)
	first.commit(t)
	want := stage.Stage{Kind: stage.Canary, Percent: 5}
	if at != -3 {
		arrive(first, 60_000)
	}

	member := p.members(t)
	hung, awake, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	switch {
	case at == -1:
		close(hung)
	case at >= 0:
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
		if at == -1 {
			<-awake
		}
		err := first.RecordStage(t.Context(), &stage.Change{To: stage.Stage{Kind: stage.Promoted}, Who: "anna"})
		if err == nil {
			err = first.Commit(t.Context())
		}
		if at < -1 {
			close(hung)
		}
		ended <- err
	}()
	<-hung
	if at < -1 {
		want = stage.Stage{Kind: stage.Promoted}
	}
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
	if second == nil {
		return
	}
	h.begins(from.at(t).Position)
	if all := second.Stages(); len(all) == 0 || all[len(all)-1].To != want || all[len(all)-1].Who != "anna" {
		t.Errorf("the stages are %+v, want %s as the last one", all, want)
	}
	produce(0, 70_000)
	for len(second.took) == 0 || second.took[len(second.took)-1].EventTime != 70_000 {
		second.steps(t, 1)
	}
	second.commit(t)
	close(awake)
	if err := <-ended; (err == nil) != (at < -1) {
		t.Errorf("the commit of the instance that was killed: %v", err)
	}
	_ = first.Close(t.Context())
	second.stop(t)
	isBarred = false
	oracle := p.compile(t, replaceTopic(totals, "oracle"))
	if got, want := p.read(t, "totals"), h.rows(t, p, oracle, "oracle"); !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("wrote\n%q\nwant\n%q", got, want)
	}
}
