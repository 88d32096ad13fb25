package kafka_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/shadow/kafka"
)

// A job that may not join its group ends with an error that says so. The client library would try for ever, and the job
// would wait for an assignment that never comes.
func TestAJobThatMayNotJoinItsGroupEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 10, 2)
		p.fake.ControlKey(kmsg.JoinGroup.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
			p.fake.KeepControl()
			answer := req.ResponseKind().(*kmsg.JoinGroupResponse)
			answer.Version = req.GetVersion()
			answer.ErrorCode = kerr.GroupAuthorizationFailed.Code
			return answer, nil, true
		})
		task, err := p.open(t, "g", p.compile(t, copies), kafka.Options{UntilEnd: true})
		if err == nil {
			_ = task.Close(t.Context())
			t.Fatal("the job began")
		}
		if !errors.Is(err, kerr.GroupAuthorizationFailed) || !strings.Contains(err.Error(), "no ACL for Read on group ") {
			t.Errorf("the error is %v", err)
		}
	})
}
