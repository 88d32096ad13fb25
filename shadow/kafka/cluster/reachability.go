package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// RepeatEvery is how often a wait that goes on is logged again.
const RepeatEvery = 30 * time.Second

// reachability logs when brokers cannot be reached and when they can be again, because the client
// library retries without end and without a message. Before a broker was reached for the first time
// it logs nothing: then the job ends with the error. It is safe for concurrent use.
type reachability struct {
	log *slog.Logger

	mu sync.Mutex
	// brokers has the brokers to which a connection was attempted, by address; nil if the last attempt
	// succeeded. It is empty until the first success.
	brokers map[string]*outage
}

// outage is a time in which a broker cannot be reached.
type outage struct{ since, logged time.Time }

func newReachability(log *slog.Logger) *reachability {
	return &reachability{log: log, brokers: map[string]*outage{}}
}

// check returns an error while no broker can be reached.
func (r *reachability) check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.brokers) == 0 {
		return nil
	}
	var since time.Time
	for _, o := range r.brokers {
		if o == nil {
			return nil
		}
		if since.IsZero() || o.since.Before(since) {
			since = o.since
		}
	}
	return fmt.Errorf("no broker can be reached (%s) since %s", strings.Join(slices.Sorted(maps.Keys(r.brokers)), ", "), since.UTC().Format(time.RFC3339))
}

// OnBrokerConnect is called by the client library after each attempt to connect.
func (r *reachability) OnBrokerConnect(broker kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed) || errors.Is(err, net.ErrClosed) {
		return // the client is being closed
	}
	r.note(time.Now(), net.JoinHostPort(broker.Host, strconv.Itoa(int(broker.Port))), err)
}

// note records the result of an attempt to connect to a broker.
func (r *reachability) note(now time.Time, broker string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.brokers[broker]
	switch {
	case err == nil:
		r.brokers[broker] = nil
		if was != nil {
			r.log.Warn("the broker can be reached again; the job continues", "broker", broker, "after", now.Sub(was.since).Round(time.Millisecond))
		}
	case len(r.brokers) == 0: // not reached yet
	case was == nil:
		r.brokers[broker] = &outage{since: now, logged: now}
		r.log.Warn("the broker cannot be reached; the job retries", "broker", broker, "error", err)
	case now.Sub(was.logged) >= RepeatEvery:
		was.logged = now
		r.log.Warn("the broker still cannot be reached; the job retries", "broker", broker, "for", now.Sub(was.since).Round(time.Second), "error", err)
	}
}
