package kafka

import "time"

// How long the job waits for brokers and for the group, beside kafka.patience.
const (
	// sessionTimeout is how long the group waits for an instance that was killed before another one
	// gets its topic-partitions. Heartbeats, each 3 s, are independent of the job's work.
	sessionTimeout = 15 * time.Second
	// transactionTimeout is how long a transaction may be open before the brokers abort it.
	transactionTimeout = time.Minute
	// fetchMaxWait is how long a broker may hold a fetch for which it has no records. The client has one
	// fetch at a time to each broker: a topic-partition that it begins to fetch from, or fetches from again after a
	// pause, waits until the fetch before is answered. Records that arrive are returned at once.
	fetchMaxWait = 500 * time.Millisecond

	// firstReport is how long a wait may take before it is logged.
	firstReport = 3 * time.Second

	// probeTimeout is how long the brokers have to answer while the group's assignment is waited for.
	probeTimeout = 30 * time.Second
	// rebalancePatience is how long a commit waits for the group to settle.
	rebalancePatience = 30 * time.Second
	// attemptTimeout is how long a decoder may take to ask another system for what it needs.
	attemptTimeout = 10 * time.Second

	// abortTimeout is how long an abort may take. If the brokers cannot be reached, the next instance's
	// producer epoch aborts the transaction.
	abortTimeout = 10 * time.Second
	// leaveTimeout is how long the instance waits for the answer when it leaves the group: a broker that
	// hangs, or is in a rebalance, must not delay the end of the job.
	leaveTimeout = 3 * time.Second
)

// within waits for f, but not for longer than a time.
func within(most time.Duration, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
