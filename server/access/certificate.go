package access

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"sync"
)

// certificate is the certificate of two files. Changed files are read again at the next
// handshake.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu   sync.Mutex
	seen [2]stamp
	pair *tls.Certificate
}

func loadCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	if certFile == "" || keyFile == "" {
		return nil, fmt.Errorf("TLS needs two files: set --tls-cert and --tls-key")
	}
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.read(); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return c, nil
}

func (c *certificate) read() error {
	var seen [2]stamp
	var err error
	for i, file := range []string{c.certFile, c.keyFile} {
		if seen[i], err = stampOf(file); err != nil {
			return err
		}
	}
	if seen == c.seen {
		return nil
	}
	c.seen = seen // also if they do not fit: that is reported once
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", c.certFile, c.keyFile, err)
	}
	c.pair = &pair
	return nil
}

// newest is a tls.Config's GetCertificate. While files are being replaced, or if they are
// broken, the certificate from before stays in use.
func (c *certificate) newest(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.seen
	if err := c.read(); err != nil && c.seen != before {
		c.log.Error("the changed TLS files cannot be used: the certificate from before stays in use", "error", err)
	}
	return c.pair, nil
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.newest, NextProtos: []string{"h2", "http/1.1"}}
}
