// Package embedded runs a broker with Kafka's protocol inside this process, for the demo
// and for tests. It stores everything in memory and loses it at Stop, so do not use it for
// production data.
//
// Stability: ours.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Broker is a running broker.
type Broker struct{ cluster *kfake.Cluster }

// Options configure a broker. The zero value listens on free ports of the loopback
// interface.
type Options struct {
	// Clean is the interval at which topics are truncated to their retention and compacted;
	// 0 is never.
	Clean time.Duration
}

// Start starts a broker.
func Start(opt Options) (*Broker, error) {
	configs := map[string]string{
		"group.initial.rebalance.delay.ms":         "0",
		"group.consumer.heartbeat.interval.ms":     "500",
		"group.consumer.min.heartbeat.interval.ms": "100",
	}
	if opt.Clean > 0 {
		configs["log.cleaner.backoff.ms"] = strconv.FormatInt(opt.Clean.Milliseconds(), 10)
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.BrokerConfigs(configs))
	if err != nil {
		return nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	return &Broker{c}, nil
}

// Addrs are the addresses that clients seed from.
func (b *Broker) Addrs() []string { return b.cluster.ListenAddrs() }

// Stop stops the broker and drops its data.
func (b *Broker) Stop() { b.cluster.Close() }

// Retention limits the data of a topic.
type Retention struct {
	// Bytes for each partition; 0 is no limit.
	Bytes int64
}

// CreateTopic creates a topic whose retention ignores timestamps, because the demo's data
// is older than any retention by time.
func (b *Broker) CreateTopic(ctx context.Context, topic string, partitions int32, keep Retention) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addrs()...))
	if err != nil {
		return err
	}
	defer client.Close()
	configs := map[string]*string{
		"cleanup.policy": kadm.StringPtr("delete"),
		"retention.ms":   kadm.StringPtr("-1"),
		"segment.bytes":  kadm.StringPtr(strconv.Itoa(4 << 20)),
	}
	if keep.Bytes > 0 {
		configs["retention.bytes"] = kadm.StringPtr(strconv.FormatInt(keep.Bytes, 10))
	}
	resp, err := kadm.NewClient(client).CreateTopic(ctx, partitions, 1, configs, topic)
	if err = errors.Join(err, resp.Err); err != nil {
		return fmt.Errorf("create topic %s: %w", topic, err)
	}
	return nil
}
