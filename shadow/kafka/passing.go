package kafka

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// passing are errors of a job whose cause may pass without a change to the job: brokers that are
// away or being restarted, a group or a transaction that must be begun again.
var passing = []error{
	ErrAssignmentLost, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.DeadlineExceeded,
	kgo.ErrRecordTimeout, kgo.ErrRecordRetries,
	kerr.ProducerFenced, kerr.InvalidProducerEpoch, kerr.InvalidProducerIDMapping, kerr.InvalidTxnState, kerr.TransactionCoordinatorFenced,
	kerr.UnknownProducerID, kerr.TransactionAbortable, kerr.ConcurrentTransactions, kerr.UnknownMemberID, kerr.IllegalGeneration,
	kerr.RebalanceInProgress, kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch,
}

// isAnyOf reports whether an error is one of a list.
func isAnyOf(err error, list ...error) bool {
	return slices.ContainsFunc(list, func(one error) bool { return errors.Is(err, one) })
}

// MayPass reports whether the cause of an error may pass, so that the job can begin again from
// its last checkpoint. A cause that a person has to remove, such as a missing authorization or a
// deleted topic, may not. It is about the job as a whole; waitable is about one request, and
// final about one transaction.
func MayPass(err error) bool {
	if final(err) && !errors.Is(err, ErrAssignmentLost) {
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
