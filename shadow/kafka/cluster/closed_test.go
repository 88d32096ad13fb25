package cluster

import (
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

// A listener that speaks another protocol closes the connection, and nothing more: the error says
// which settings to look at.
func TestABrokerThatClosesTheConnectionIsAskedWithOtherSettings(t *testing.T) {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	closing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer closing.Close()
	go func() {
		for {
			c, err := closing.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 64))
			_ = c.Close()
		}
	}()
	for name, c := range map[string]struct {
		address string
		options []kgo.Opt
	}{
		"SASL against a listener without it": {broker.ListenAddrs()[0], []kgo.Opt{kgo.SASL(plain.Auth{User: "u", Pass: "p"}.AsMechanism())}},
		"a listener that wants TLS":          {closing.Addr().String(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			options := append(c.options, kgo.SeedBrokers(c.address), kgo.RequestRetries(1))
			all, err := New([]string{c.address}, options, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer all.Close()
			_, err = all.Sources(t.Context(), []string{"s"})
			if !errors.Is(err, ErrNotReached) || !strings.Contains(err.Error(), "closed the connection") || !strings.Contains(err.Error(), "kafka.tls and kafka.sasl") {
				t.Errorf("%v", err)
			}
		})
	}
	all := Cluster{brokers: []string{"a:1"}}
	if err := all.NotReached(kerr.IllegalSaslState); !strings.Contains(err.Error(), "kafka.tls and kafka.sasl") { // as Apache Kafka says it
		t.Error(err)
	}
}
