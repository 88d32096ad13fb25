package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
)

func TestAnErrorNamesTheRightThatIsMissing(t *testing.T) {
	refused := fmt.Errorf("produce: %w", kerr.TopicAuthorizationFailed)
	named := Lacking(refused, "Write on topic out")
	if !strings.HasPrefix(named.Error(), refused.Error()) || !strings.Contains(named.Error(), "no ACL for Write on topic out: add it") {
		t.Errorf("the error is %v", named)
	}
	if !errors.Is(named, kerr.TopicAuthorizationFailed) {
		t.Error("the broker's error is lost")
	}
	if again := Lacking(fmt.Errorf("commit: %w", named), "Read on group g"); strings.Contains(again.Error(), "group") {
		t.Errorf("a right is named twice: %v", again)
	}
	for _, err := range []error{nil, kerr.NotLeaderForPartition, errors.New("x")} {
		if have := Lacking(err, "Write on topic out"); have != err {
			t.Errorf("%v became %v", err, have)
		}
	}
}

// Of several topics only those are named that the broker refuses.
func TestOfSeveralTopicsThoseAreNamedThatAreRefused(t *testing.T) {
	refuses := func(refused ...string) func(context.Context, string) error {
		return func(_ context.Context, topic string) error {
			for _, r := range refused {
				if r == topic {
					return kerr.TopicAuthorizationFailed
				}
			}
			return nil
		}
	}
	topics := []string{"a", "b", "c"}
	for want, ask := range map[string]func(context.Context, string) error{
		"no ACL for Read on topic b: add":                  refuses("b"),
		"no ACL for Read on topic a, Read on topic c: add": refuses("a", "c"),
		"no ACL for Read on topics a, b, c: add":           refuses(),
	} {
		if err := LackingOfTopics(t.Context(), kerr.TopicAuthorizationFailed, "Read", topics, ask); !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
