package kafka

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

// reachability logs when brokers cannot be reached and when they can be again. The client
// library tries again for as long as it takes, and says nothing. Until a broker was reached once it
// logs nothing: then the job ends with the error. It is safe for concurrent use.
type reachability struct {
	log *slog.Logger

	mu      sync.Mutex
	reached bool
	down    map[string]*outage // by address
	up      map[string]bool    // addresses whose last attempt succeeded
}

// outage is a time in which a broker is not reached.
type outage struct{ since, logged time.Time }

// repeatEvery is how often a wait that goes on is logged again.
const repeatEvery = 30 * time.Second

func newReachability(log *slog.Logger) *reachability {
	return &reachability{log: log, down: map[string]*outage{}, up: map[string]bool{}}
}

// check returns an error while no broker can be reached.
func (r *reachability) check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.up) > 0 || len(r.down) == 0 {
		return nil
	}
	var since time.Time
	for _, o := range r.down {
		if since.IsZero() || o.since.Before(since) {
			since = o.since
		}
	}
	return fmt.Errorf("no broker can be reached (%s) since %s", strings.Join(slices.Sorted(maps.Keys(r.down)), ", "), since.UTC().Format(time.RFC3339))
}

// OnBrokerConnect is called by the client library after each attempt to connect.
func (r *reachability) OnBrokerConnect(broker kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed) || errors.Is(err, net.ErrClosed) {
		return // the client is being closed
	}
	r.note(time.Now(), net.JoinHostPort(broker.Host, strconv.Itoa(int(broker.Port))), err)
}

// note takes the result of an attempt to connect to a broker.
func (r *reachability) note(now time.Time, broker string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.down[broker]
	if err == nil {
		r.up[broker] = true
	} else {
		delete(r.up, broker)
	}
	switch {
	case err == nil:
		r.reached = true
		if was != nil {
			delete(r.down, broker)
			r.log.Warn("the broker can be reached again; the job continues", "broker", broker, "after", now.Sub(was.since).Round(time.Millisecond))
		}
	case !r.reached:
	case was == nil:
		r.down[broker] = &outage{since: now, logged: now}
		r.log.Warn("the broker cannot be reached; the job retries", "broker", broker, "error", err)
	case now.Sub(was.logged) >= repeatEvery:
		was.logged = now
		r.log.Warn("the broker still cannot be reached; the job retries", "broker", broker, "for", now.Sub(was.since).Round(time.Second), "error", err)
	}
}
