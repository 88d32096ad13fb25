// Package delivery sends reports to webhooks and mail servers. It returns the result of each
// attempt and decides nothing; a receiver that is slow, broken or unreachable is an error that its
// caller stores.
//
// Stability: ours.
package delivery

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config is an element of `reports.deliver`: a webhook or a mail server.
type Config struct {
	// Webhook is the URL to which the report's summary is posted.
	Webhook string `koanf:"webhook"`
	// WebhookEnv is the environment variable that holds the URL, if the URL is a secret.
	WebhookEnv string `koanf:"webhook_env"`
	// WebhookFile is the file that holds the URL.
	WebhookFile string `koanf:"webhook_file"`
	// Format is the form of the posted summary: json, or slack for a Slack message.
	Format string `koanf:"format"`
	// SecretEnv is the environment variable that holds the key of the header
	// X-Parallax-Signature, an HMAC-SHA256 of the body.
	SecretEnv string `koanf:"secret_env"`
	// SecretFile is the file that holds the key.
	SecretFile string `koanf:"secret_file"`
	// SMTP is the mail server, host:port.
	SMTP string `koanf:"smtp"`
	// TLS is how the connection to the mail server is encrypted: starttls, tls or none.
	TLS string `koanf:"tls"`
	// From is the sender's mail address.
	From string `koanf:"from"`
	// To are the mail addresses of the receivers.
	To []string `koanf:"to"`
	// Username is the user at the mail server; without it there is no login.
	Username string `koanf:"username"`
	// PasswordEnv is the environment variable that holds the user's password.
	PasswordEnv string `koanf:"password_env"`
	// PasswordFile is the file that holds the user's password.
	PasswordFile string `koanf:"password_file"`
	// CAFile is a file of PEM certificates of authorities that are trusted besides the
	// system's.
	CAFile string `koanf:"ca_file"`
	// Timeout is how long one attempt may take; 0 is 10s.
	Timeout time.Duration `koanf:"timeout"`
}

const defaultTimeout = 10 * time.Second

func (c Config) timeout() time.Duration {
	if c.Timeout == 0 {
		return defaultTimeout
	}
	return c.Timeout
}

func (c Config) isWebhook() bool { return c.Webhook != "" || c.WebhookEnv != "" || c.WebhookFile != "" }

// String returns the receiver as it may be shown: the URL of a webhook is a secret.
func (c Config) String() string { return c.Channel() }

// Channel names the receiver in logs and in the history. It has no secrets: of the URL of a
// webhook only the host.
func (c Config) Channel() string {
	switch {
	case c.SMTP != "":
		return "mail to " + strings.Join(c.To, ", ") + " by " + c.SMTP
	case c.WebhookEnv != "":
		return "webhook in " + c.WebhookEnv
	case c.WebhookFile != "":
		return "webhook in " + c.WebhookFile
	}
	if u, err := url.Parse(c.Webhook); err == nil {
		return "webhook " + u.Host
	}
	return "webhook"
}

// Validate returns an error that begins with the key that is wrong.
func (c Config) Validate() error {
	isOne := func(texts ...string) bool {
		n := 0
		for _, t := range texts {
			if t != "" {
				n++
			}
		}
		return n == 1
	}
	switch {
	case c.isWebhook() == (c.SMTP != ""):
		return errors.New("set either webhook (or webhook_env, webhook_file) or smtp")
	case c.Timeout < 0:
		return fmt.Errorf("timeout: %v must not be negative", c.Timeout)
	}
	if c.isWebhook() {
		switch {
		case !isOne(c.Webhook, c.WebhookEnv, c.WebhookFile):
			return errors.New("webhook: set one of webhook, webhook_env and webhook_file")
		case c.Format != "" && c.Format != "json" && c.Format != "slack":
			return fmt.Errorf("format: %q must be json or slack", c.Format)
		case c.SecretEnv != "" && c.SecretFile != "":
			return errors.New("secret_env: set one of secret_env and secret_file")
		case c.TLS != "" || c.From != "" || len(c.To) > 0 || c.Username != "" || c.PasswordEnv != "" || c.PasswordFile != "":
			return errors.New("webhook: tls, from, to, username, password_env and password_file are for smtp")
		}
		if c.Webhook != "" {
			return checkURL(c.Webhook)
		}
		return nil
	}
	return c.validateMail()
}

func (c Config) validateMail() error {
	if c.Format != "" || c.SecretEnv != "" || c.SecretFile != "" {
		return errors.New("smtp: format, secret_env and secret_file are for a webhook")
	}
	if _, _, err := net.SplitHostPort(c.SMTP); err != nil {
		return fmt.Errorf("smtp: %q must be host:port, such as mail.example.com:587", c.SMTP)
	}
	switch {
	case c.TLS != "" && c.TLS != "starttls" && c.TLS != "tls" && c.TLS != "none":
		return fmt.Errorf("tls: %q must be starttls, tls or none", c.TLS)
	case len(c.To) == 0:
		return errors.New("to: missing: name the receivers' mail addresses")
	case (c.Username != "") != (c.PasswordEnv != "" || c.PasswordFile != ""):
		return errors.New("username: it needs one of password_env and password_file, and they need it")
	case c.PasswordEnv != "" && c.PasswordFile != "":
		return errors.New("password_env: set one of password_env and password_file")
	case c.Username != "" && c.TLS == "none":
		return errors.New("tls: none would send the password in clear text; use starttls or tls")
	}
	for _, address := range append([]string{c.From}, c.To...) {
		if _, err := mail.ParseAddress(address); err != nil {
			return fmt.Errorf("from, to: %q is not a mail address", address)
		}
	}
	return nil
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("webhook: it must be an http or https URL")
	}
	return nil
}

// secret reads a secret; "" if neither name is set.
func secret(env, file string) (string, error) {
	switch {
	case env != "":
		value, ok := os.LookupEnv(env)
		if !ok || value == "" {
			return "", fmt.Errorf("environment variable %s is not set", env)
		}
		return value, nil
	case file != "":
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		return strings.TrimRight(string(text), "\r\n"), nil
	}
	return "", nil
}
