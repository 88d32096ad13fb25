package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"parallax/shadow/kafka/cluster"
)

// Config is the job file's `kafka:`.
type Config struct {
	// Brokers are the addresses, host:port, from which the client finds the cluster.
	Brokers []string `koanf:"brokers"`
	// Group is the consumer group whose offsets say what has been processed. Give each
	// job a group of its own.
	Group string `koanf:"group"`
	// TLS encrypts the connections to the brokers.
	TLS TLSConfig `koanf:"tls"`
	// SASL authenticates the job with the brokers.
	SASL SASLConfig `koanf:"sasl"`
	// Start is where a group without committed offsets begins: earliest, latest, or a
	// time (RFC 3339).
	Start string `koanf:"start"`
	// Batch is the largest number of records in a batch. From 1,000 records on, a batch
	// ends where its records and rows would no longer fit a core's cache.
	Batch int `koanf:"batch"`
	// Idle is how long a live topic-partition may have no data before it leaves
	// the watermark.
	Idle time.Duration `koanf:"idle"`
	// Hold, in bytes, is how much of a topic-partition may wait for the others before
	// fetching from it is paused.
	Hold int64 `koanf:"hold" unit:"bytes"`
	// MaxFuture is how far a timestamp= column may lie after the record's own timestamp;
	// a record beyond it is undecodable.
	MaxFuture time.Duration `koanf:"max_future"`
	// Patience is how long the job waits without progress, for brokers that cannot be reached or
	// for a consumer group that rebalances, before it ends with an error.
	Patience time.Duration `koanf:"patience"`
}

// TLSConfig is `tls:`. The zero value is a connection in the clear.
type TLSConfig struct {
	// Enabled turns TLS on.
	Enabled bool `koanf:"enabled"`
	// CAFile is the PEM file of the authorities that may sign the brokers' certificates;
	// without it the system's authorities are used.
	CAFile string `koanf:"ca_file"`
	// CertFile is the PEM file of the client's certificate, for brokers that require one.
	CertFile string `koanf:"cert_file"`
	// KeyFile is the PEM file of the private key for cert_file.
	KeyFile string `koanf:"key_file"`
}

// SASLConfig is `sasl:`. The password comes from a file or an environment
// variable, never from the job file itself.
type SASLConfig struct {
	// Mechanism is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; if it is empty, there is no
	// authentication.
	Mechanism string `koanf:"mechanism"`
	// Username is the user's name.
	Username string `koanf:"username"`
	// PasswordFile is the file that holds the password; newlines at its end are ignored.
	PasswordFile string `koanf:"password_file"`
	// PasswordEnv is the environment variable that holds the password.
	PasswordEnv string `koanf:"password_env"`
}

// DefaultConfig returns the defaults; Brokers and Group have none.
func DefaultConfig() Config {
	return Config{Start: "earliest", Batch: 1000, Idle: 5 * time.Second, Hold: 64 << 20, MaxFuture: time.Hour, Patience: 10 * time.Minute}
}

// Validate names the field and the value that cannot be used.
func (c Config) Validate() error {
	switch {
	case len(c.Brokers) == 0:
		return errors.New("kafka.brokers: it is required; write at least one host:port")
	case c.Group == "":
		return errors.New("kafka.group: it is required; write the consumer group's name")
	case c.Batch <= 0:
		return fmt.Errorf("kafka.batch: %d must be greater than 0", c.Batch)
	case c.Idle <= 0:
		return fmt.Errorf("kafka.idle: %v must be greater than 0", c.Idle)
	case c.Hold <= 0:
		return fmt.Errorf("kafka.hold: %d must be greater than 0", c.Hold)
	case c.MaxFuture < 0:
		return fmt.Errorf("kafka.max_future: %v must not be negative", c.MaxFuture)
	case c.Patience <= 0:
		return fmt.Errorf("kafka.patience: %v must be greater than 0", c.Patience)
	}
	for _, b := range c.Brokers {
		if err := cluster.CheckBroker(b); err != nil {
			return fmt.Errorf("kafka.brokers: %w", err)
		}
	}
	if _, err := c.start(); err != nil {
		return err
	}
	switch strings.ToUpper(c.SASL.Mechanism) {
	case "":
	case "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512":
		if c.SASL.Username == "" {
			return errors.New("kafka.sasl.username: it is required with kafka.sasl.mechanism")
		}
		if (c.SASL.PasswordFile == "") == (c.SASL.PasswordEnv == "") {
			return errors.New("kafka.sasl: set one of password_file and password_env")
		}
	default:
		return fmt.Errorf("kafka.sasl.mechanism: %q must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", c.SASL.Mechanism)
	}
	return nil
}

// start parses Start.
func (c Config) start() (cluster.Start, error) {
	switch strings.ToLower(c.Start) {
	case "", "earliest":
		return cluster.Start{}, nil
	case "latest":
		return cluster.Start{IsLatest: true}, nil
	}
	t, err := time.Parse(time.RFC3339, c.Start)
	if err != nil {
		return cluster.Start{}, fmt.Errorf("kafka.start: %q must be earliest, latest or a time such as 2024-01-02T03:04:05Z", c.Start)
	}
	return cluster.Start{Millis: t.UnixMilli()}, nil
}

// ClientOptions returns the options that every client needs: the brokers, encryption and
// authentication.
func (c Config) ClientOptions() ([]kgo.Opt, error) {
	opts := []kgo.Opt{kgo.SeedBrokers(c.Brokers...), kgo.ClientID("parallax")}
	if c.TLS.Enabled {
		conf, err := c.TLS.load()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(conf))
	}
	if c.SASL.Mechanism == "" {
		return opts, nil
	}
	password, err := c.SASL.password()
	if err != nil {
		return nil, err
	}
	switch strings.ToUpper(c.SASL.Mechanism) {
	case "PLAIN":
		opts = append(opts, kgo.SASL(plain.Auth{User: c.SASL.Username, Pass: password}.AsMechanism()))
	case "SCRAM-SHA-256":
		opts = append(opts, kgo.SASL(scram.Auth{User: c.SASL.Username, Pass: password}.AsSha256Mechanism()))
	case "SCRAM-SHA-512":
		opts = append(opts, kgo.SASL(scram.Auth{User: c.SASL.Username, Pass: password}.AsSha512Mechanism()))
	}
	return opts, nil
}

// Connect returns the brokers of the configuration. Its clients have further options.
func (c Config) Connect(log *slog.Logger, more ...kgo.Opt) (*cluster.Cluster, error) {
	options, err := c.ClientOptions()
	if err != nil {
		return nil, err
	}
	return cluster.New(c.Brokers, append(options, more...), log)
}

func (c SASLConfig) password() (string, error) {
	if c.PasswordEnv != "" {
		p, ok := os.LookupEnv(c.PasswordEnv)
		if !ok {
			return "", fmt.Errorf("kafka.sasl.password_env: environment variable %s is not set", c.PasswordEnv)
		}
		return p, nil
	}
	b, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("kafka.sasl.password_file: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

func (c TLSConfig) load() (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("kafka.tls.ca_file: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("kafka.tls.ca_file: %s holds no certificate", c.CAFile)
		}
	}
	if c.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("kafka.tls.cert_file: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return conf, nil
}
