package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
)

// unauthorized are the errors of brokers that refuse a request for lack of a right.
var unauthorized = []error{
	kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed, kerr.ClusterAuthorizationFailed,
}

// IsUnauthorized reports whether a broker refused a request for lack of a right.
func IsUnauthorized(err error) bool {
	return slices.ContainsFunc(unauthorized, func(one error) bool { return errors.Is(err, one) })
}

// rightError is an error of a broker for which the job's user lacks a right.
type rightError struct {
	cause error
	// right is an operation on a resource, such as "Read on topic trades".
	right string
}

func (e *rightError) Error() string {
	return fmt.Sprintf("%v The job's user has no ACL for %s: add it (docs/ACLS.md has the ACLs that a job needs)", e.cause, e.right)
}

func (e *rightError) Unwrap() error { return e.cause }

// Lacking adds the missing right to an error of a request that was refused for lack of one. Other errors, and errors that name a right
// already, stay as they are. right is an operation, "on", and the kind and the name of a resource.
func Lacking(err error, right string) error {
	if _, isNamed := errors.AsType[*rightError](err); err == nil || isNamed || !IsUnauthorized(err) {
		return err
	}
	return &rightError{err, right}
}

// LackingOfTopics is Lacking for a request about several topics, whose answer does not say which of them it is about:
// ask is repeated with each topic alone.
func LackingOfTopics(ctx context.Context, err error, operation string, topics []string, ask func(ctx context.Context, topic string) error) error {
	if err == nil || !IsUnauthorized(err) {
		return err
	}
	var missing []string
	for _, topic := range topics {
		if len(topics) == 1 || IsUnauthorized(ask(ctx, topic)) {
			missing = append(missing, operation+" on topic "+topic)
		}
	}
	if missing == nil { // they were added meanwhile
		missing = []string{operation + " on topics " + strings.Join(topics, ", ")}
	}
	return Lacking(err, strings.Join(missing, ", "))
}
