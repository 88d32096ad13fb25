package job_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/config"
	"parallax/processors/row"
	"parallax/shadow/job"
)

// journey is a job on a broker of its own, in a synctest bubble. Its processes are stopped and
// started again.
type journey struct {
	t      *testing.T
	wire   wire
	fake   *kfake.Cluster
	addrs  []string
	client *kgo.Client
	// base is the job, without what is drawn for each of its processes.
	base config.Job
	// sources are the topics that the test writes.
	sources map[string]int32
	log     strings.Builder
}

// wire connects a job's clients to the broker, until it is cut.
type wire struct {
	network kfake.VirtualNetwork

	mu    sync.Mutex
	conns map[net.Conn]bool
	down  bool
	// stalled is closed when the network, which forwards nothing, does so again; nil while it does.
	stalled chan struct{}
	// left is the number of requests until then is called; it is never called if left is
	// negative.
	left int
	then func()
}

// dialTimeout is that of the client's own dialer.
const dialTimeout = 10 * time.Second

// wired is a connection of the job's.
type wired struct {
	net.Conn
	wire   *wire
	closed chan struct{}
	once   sync.Once
	readBy atomic.Value // a time.Time
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	down, stalled := w.down, w.stalled
	w.mu.Unlock()
	if stalled != nil {
		select {
		case <-stalled:
		case <-time.After(dialTimeout):
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ETIMEDOUT}
		case <-ctx.Done():
			return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
		}
	}
	if down {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	c, err := w.network.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns[c] = true
	return &wired{Conn: c, wire: w, closed: make(chan struct{})}, nil
}

// Write sends a request. The one that the fault is to come at is still sent: what becomes of it
// is not known to the job.
func (c *wired) Write(b []byte) (int, error) {
	c.wire.mu.Lock()
	isStalled := c.wire.stalled != nil
	c.wire.mu.Unlock()
	if isStalled {
		return len(b), nil // the sender does not know that nothing arrives
	}
	n, err := c.Conn.Write(b)
	c.wire.mu.Lock()
	c.wire.left--
	then := c.wire.then
	if c.wire.left != 0 {
		then = nil
	}
	c.wire.mu.Unlock()
	if then != nil {
		then()
	}
	return n, reset(err)
}

func (c *wired) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.wire.mu.Lock()
	stalled := c.wire.stalled
	c.wire.mu.Unlock()
	if stalled == nil || err != nil {
		return n, reset(err)
	}
	var late <-chan time.Time
	if at, _ := c.readBy.Load().(time.Time); !at.IsZero() {
		late = time.After(time.Until(at))
	}
	select {
	case <-stalled: // the answer was sent again
		return n, nil
	case <-late:
		return 0, os.ErrDeadlineExceeded
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

func (c *wired) SetReadDeadline(at time.Time) error {
	c.readBy.Store(at)
	return c.Conn.SetReadDeadline(at)
}

// Close ends a Read as well that waits while the network is stalled.
func (c *wired) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// reset is the error of a connection that was cut, as a real network has it.
func reset(err error) error {
	if errors.Is(err, io.ErrClosedPipe) {
		return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return err
}

// after calls then at the n-th request from now on.
func (w *wire) after(n int, then func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left, w.then = n, then
}

// cut ends all connections and refuses new ones until mend.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
	for c := range w.conns {
		_ = c.Close()
	}
	clear(w.conns)
}

// stall lets the network forward nothing, which ends no connection, until flow.
func (w *wire) stall() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stalled = make(chan struct{})
}

func (w *wire) flow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.stalled)
	w.stalled = nil
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down, w.left = false, -1
}

// newJourney starts a broker that has the job's source topics.
func newJourney(t *testing.T, base config.Job, sources map[string]int32) *journey {
	t.Helper()
	return newJourneyOn(t, 1, base, sources)
}

// newJourneyOn is newJourney with a number of brokers.
func newJourneyOn(t *testing.T, brokers int, base config.Job, sources map[string]int32) *journey {
	t.Helper()
	j := &journey{t: t, base: base, sources: sources, wire: wire{conns: map[net.Conn]bool{}, left: -1}}
	ports := []int{0}
	for n := 1; n < brokers; n++ {
		ports = append(ports, n)
	}
	cluster, err := kfake.NewCluster(kfake.Ports(ports...), kfake.ListenFn(j.wire.network.Listen))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	j.fake, j.addrs = cluster, cluster.ListenAddrs()
	j.client = j.newClient(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	t.Cleanup(j.client.Close)
	for topic, partitions := range sources {
		created, err := kadm.NewClient(j.client).CreateTopic(t.Context(), partitions, -1, map[string]*string{"retention.ms": kadm.StringPtr("-1")}, topic)
		if err != nil || created.Err != nil {
			t.Fatal(err, created.Err)
		}
	}
	return j
}

func (j *journey) newClient(opts ...kgo.Opt) *kgo.Client {
	j.t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(j.addrs...), kgo.Dialer(j.wire.network.DialContext), kgo.MetadataMinAge(10 * time.Millisecond)}, opts...)...)
	if err != nil {
		j.t.Fatal(err)
	}
	return client
}

// produce adds records to the input.
func (j *journey) produce(records []row.Record) {
	j.t.Helper()
	var list []*kgo.Record
	for i := range records {
		r := &records[i]
		list = append(list, &kgo.Record{Topic: r.Topic, Partition: r.Partition % j.sources[r.Topic], Timestamp: time.UnixMilli(r.Timestamp), Key: r.Key, Value: r.Value})
	}
	if err := j.client.ProduceSync(j.t.Context(), list...).FirstErr(); err != nil {
		j.t.Fatal(err)
	}
}

// run is a process of the job: to the end of the input as it is, unless something stops it.
func (j *journey) run(ctx context.Context, change func(*config.Job, *job.Options)) (*job.Result, error) {
	j.t.Helper()
	cfg := j.base
	cfg.Kafka.Brokers = j.addrs
	opt := job.Options{UntilEnd: true, Log: slog.New(slog.NewTextHandler(&j.log, nil))}
	change(&cfg, &opt)
	l, err := config.Of("the test", cfg)
	if err != nil {
		j.t.Fatal(err)
	}
	one, err := job.Load(l, opt)
	if err != nil {
		return nil, err
	}
	one.Task.Client = []kgo.Opt{kgo.Dialer(j.wire.dial), kgo.MetadataMinAge(10 * time.Millisecond)}
	return one.Run(ctx)
}

// written reads what the job committed, in the order of each partition. Dead letters of a batch
// are in no order.
func (j *journey) written() []string {
	j.t.Helper()
	admin := kadm.NewClient(j.client)
	topics, err := admin.ListTopics(j.t.Context())
	if err != nil {
		j.t.Fatal(err)
	}
	var names []string
	for _, topic := range topics.Names() {
		if _, isSource := j.sources[topic]; !isSource && !strings.HasSuffix(topic, ".journal") {
			names = append(names, topic)
		}
	}
	if len(names) == 0 {
		return nil
	}
	ends, err := admin.ListEndOffsets(j.t.Context(), names...)
	if err != nil {
		j.t.Fatal(err)
	}
	left := map[row.TopicPartition]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[row.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = o.Offset
		}
	})
	client := j.newClient(kgo.ConsumeTopics(names...), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	defer client.Close()
	rows := map[row.TopicPartition][]string{}
	for len(left) > 0 {
		client.PollFetches(j.t.Context()).EachRecord(func(r *kgo.Record) {
			at := row.TopicPartition{Topic: r.Topic, Partition: r.Partition}
			if !r.Attrs.IsControl() {
				rows[at] = append(rows[at], fmt.Sprintf("%s/%d %q -> %q at %d%s", r.Topic, r.Partition, r.Key, r.Value, r.Timestamp.UnixMilli(), headersOf(r)))
			}
			if r.Offset+1 >= left[at] {
				delete(left, at)
			}
		})
	}
	var all []string
	for _, at := range slices.SortedFunc(maps.Keys(rows), func(a, b row.TopicPartition) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	}) {
		if strings.HasSuffix(at.Topic, ".dlq") {
			slices.Sort(rows[at])
		}
		all = append(all, rows[at]...)
	}
	return all
}

func headersOf(r *kgo.Record) (text string) {
	for _, h := range r.Headers {
		text += fmt.Sprintf(" %s=%q", h.Key, h.Value)
	}
	return text
}
