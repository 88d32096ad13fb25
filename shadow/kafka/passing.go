package kafka

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// passing are errors of a job whose cause may pass without anybody changing the job: brokers
// that are away or being restarted, a group or a transaction that must be begun again.
var passing = []error{
	ErrAssignmentLost, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.DeadlineExceeded,
	kgo.ErrRecordTimeout, kgo.ErrRecordRetries,
	kerr.ProducerFenced, kerr.InvalidProducerEpoch, kerr.InvalidProducerIDMapping, kerr.InvalidTxnState, kerr.TransactionCoordinatorFenced,
	kerr.UnknownProducerID, kerr.TransactionAbortable, kerr.ConcurrentTransactions, kerr.UnknownMemberID, kerr.IllegalGeneration,
	kerr.RebalanceInProgress, kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch,
}

// MayPass reports whether the cause of an error may pass, so that the job can begin again from
// its last checkpoint. One that somebody has to change something about, such as an
// authorization or a deleted topic, may not.
func MayPass(err error) bool {
	if final(err) && !errors.Is(err, ErrAssignmentLost) {
		return false
	}
	for _, p := range passing {
		if errors.Is(err, p) {
			return true
		}
	}
	if broker, ok := errors.AsType[*kerr.Error](err); ok {
		return broker.Retriable
	}
	_, isNetwork := errors.AsType[*net.OpError](err) // net.Error would have those of files, too
	_, isName := errors.AsType[*net.DNSError](err)
	return isNetwork || isName
}
