package kafka

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// There are three answers to an error: the request is sent again (isWaitable), the transaction is produced
// again unless that cannot help (isFinal), or the job starts again from its last checkpoint
// (MayPass). Any other error ends the job.

// errImpatient says that the brokers made no progress for kafka.patience.
var errImpatient = errors.New("kafka.patience is spent")

// waitable are errors of requests that may succeed if they are sent again.
var waitable = []error{
	kerr.IllegalGeneration, kerr.RebalanceInProgress, kerr.UnknownMemberID, kerr.CoordinatorLoadInProgress,
	kerr.CoordinatorNotAvailable, kerr.NotCoordinator, kerr.ConcurrentTransactions,
}

// final are errors of a transaction that fails again if it is produced again.
var final = []error{
	ErrAssignmentLost, errImpatient, kerr.InvalidRecord, kerr.InvalidTimestamp,
	kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed,
	kerr.InvalidTopicException, kerr.FencedInstanceID,
}

// passing are errors whose cause may disappear without a change to the job: brokers are
// unreachable or restart, or a group or a transaction must be started again.
var passing = []error{
	ErrAssignmentLost, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.DeadlineExceeded, os.ErrDeadlineExceeded,
	kgo.ErrRecordTimeout, kgo.ErrRecordRetries,
	kerr.ProducerFenced, kerr.InvalidProducerEpoch, kerr.InvalidProducerIDMapping, kerr.InvalidTxnState, kerr.TransactionCoordinatorFenced,
	kerr.UnknownProducerID, kerr.TransactionAbortable, kerr.ConcurrentTransactions, kerr.UnknownMemberID, kerr.IllegalGeneration,
	kerr.RebalanceInProgress, kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch,
}

// isAnyOf reports whether an error is one of a list.
func isAnyOf(err error, list ...error) bool {
	return slices.ContainsFunc(list, func(one error) bool { return errors.Is(err, one) })
}

// isWaitable reports whether the same request may succeed in a moment.
func isWaitable(err error) bool { return isAnyOf(err, waitable...) }

// isFinal reports whether producing a transaction again cannot help.
func isFinal(err error) bool { return isAnyOf(err, final...) }

// MayPass reports whether the cause of an error may disappear by itself, so that the job can start
// again from its last checkpoint. A missing authorization or a deleted topic does not.
func MayPass(err error) bool {
	if isFinal(err) && !errors.Is(err, ErrAssignmentLost) {
		return false
	}
	if isAnyOf(err, passing...) {
		return true
	}
	if broker, ok := errors.AsType[*kerr.Error](err); ok {
		return broker.Retriable
	}
	_, isNetwork := errors.AsType[*net.OpError](err) // net.Error would have those of files, too
	_, isName := errors.AsType[*net.DNSError](err)
	return isNetwork || isName
}
