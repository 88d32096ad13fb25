package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// mail sends a message by SMTP.
func (c Config) mail(ctx context.Context, m *Message) error {
	letter, err := c.letter(m)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	server, err := c.server()
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return retry(ctx, func() (time.Duration, error) {
		attempt, cancel := context.WithTimeout(ctx, c.timeout())
		defer cancel()
		err := server.DialAndSendWithContext(attempt, letter)
		if err == nil {
			return 0, nil
		}
		err = fmt.Errorf("mail: %w", err)
		var refused *mail.SendError
		if errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
			return 0, &finalError{err}
		}
		return 0, err
	})
}

// letter is the message as a mail: the text, with the page attached.
func (c Config) letter(m *Message) (*mail.Msg, error) {
	letter := mail.NewMsg()
	if err := errors.Join(letter.From(c.From), letter.To(c.To...)); err != nil {
		return nil, err
	}
	letter.Subject(m.Title())
	letter.SetMessageIDWithValue(m.ID + "@parallax")
	letter.SetBodyString(mail.TypeTextPlain, m.Text)
	if err := letter.AttachReader(m.File, bytes.NewReader(m.HTML), mail.WithFileContentType("text/html")); err != nil {
		return nil, err
	}
	return letter, nil
}

func (c Config) server() (*mail.Client, error) {
	host, portText, err := net.SplitHostPort(c.SMTP)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("smtp: %q is not a port", portText)
	}
	options := []mail.Option{mail.WithPort(port), mail.WithTimeout(c.timeout())}
	switch c.TLS {
	case "tls":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	settings, err := c.trust(host)
	if err != nil {
		return nil, err
	}
	if settings != nil {
		options = append(options, mail.WithTLSConfig(settings))
	}
	if c.Username != "" {
		password, err := secret(c.PasswordEnv, c.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("password: %w", err)
		}
		options = append(options, mail.WithUsername(c.Username), mail.WithPassword(password), mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover))
	}
	return mail.NewClient(host, options...)
}
