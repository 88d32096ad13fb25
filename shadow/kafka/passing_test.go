package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"

	"parallax/shadow/kafka/cluster"
)

func TestAMissingRightEndsTheJob(t *testing.T) {
	err := cluster.Lacking(kerr.TopicAuthorizationFailed, "Write on topic out")
	if !isFinal(err) || MayPass(err) {
		t.Errorf("the job tries again after %v", err)
	}
}
