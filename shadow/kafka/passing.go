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

// There are three answers to an error. The request is sent again (isWaitable), the transaction is produced
// again unless that cannot help (isFinal), or the job begins again from its last checkpoint
// (MayPass). An error that none of these takes ends the job.

// errImpatient is that the brokers made no progress for as long as kafka.patience.
var errImpatient = errors.New("kafka.patience is spent")

// waitable are errors of a request that may succeed in a moment.
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

// passing are errors of a job whose cause may pass without a change to the job: brokers that are
// away or being restarted, a group or a transaction that must be begun again.
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

// MayPass reports whether the cause of an error may pass, so that the job can begin again from
// its last checkpoint. A cause that a person has to remove, such as a missing authorization or a
// deleted topic, may not.
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
