package delivery

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// The headers of a webhook.
const (
	// SignatureHeader is sha256= and the HMAC-SHA256 of the body, in hexadecimal.
	SignatureHeader = "X-Parallax-Signature"
	// IdempotencyHeader is the same in each attempt to deliver one report.
	IdempotencyHeader = "Idempotency-Key"
)

// attempts is how often a delivery is tried, with pauses from firstPause on that double. A
// server that names a longer pause gets one of at most longestPause.
const (
	attempts     = 3
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// post sends a message to a webhook.
func (c Config) post(ctx context.Context, m *Message) error {
	target := c.Webhook
	if target == "" {
		var err error
		if target, err = secret(c.WebhookEnv, c.WebhookFile); err != nil {
			return fmt.Errorf("webhook: %w", err)
		}
		if err := checkURL(target); err != nil {
			return fmt.Errorf("%s: %w", c.Channel(), err)
		}
	}
	key, err := secret(c.SecretEnv, c.SecretFile)
	if err != nil {
		return fmt.Errorf("webhook: secret: %w", err)
	}
	body, err := c.body(m)
	if err != nil {
		return err
	}
	client, err := c.client()
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	return retry(ctx, func() (time.Duration, error) { return c.postOnce(ctx, client, target, key, m.ID, body) })
}

// retry calls a function until it succeeds, or until its error is final, or as often as
// attempts says. The function returns a pause that it wants, 0 for any.
func retry(ctx context.Context, try func() (time.Duration, error)) error {
	pause := firstPause
	for n := 1; ; n++ {
		wanted, err := try()
		var last *finalError
		if err == nil || errors.As(err, &last) || ctx.Err() != nil {
			return err
		}
		if n == attempts {
			return fmt.Errorf("%w (%d attempts)", err, attempts)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(min(max(pause, wanted), longestPause)):
		}
		pause *= 2
	}
}

// finalError is an error that another attempt would not change.
type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

func (c Config) postOnce(ctx context.Context, client *http.Client, target, key, id string, body []byte) (wanted time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, &finalError{errors.New("the URL of the webhook cannot be used")}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "parallax")
	request.Header.Set(IdempotencyHeader, id)
	if key != "" {
		sum := hmac.New(sha256.New, []byte(key))
		sum.Write(body)
		request.Header.Set(SignatureHeader, "sha256="+hex.EncodeToString(sum.Sum(nil)))
	}
	response, err := client.Do(request)
	if err != nil {
		var withURL *url.Error
		if errors.As(err, &withURL) {
			err = withURL.Err // the URL may be a secret
		}
		return 0, fmt.Errorf("webhook: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection can be used again
	return judge(response)
}

// judge says what an answer means: nil, an error that may pass with the pause that the server
// wants, or a final one.
func judge(response *http.Response) (wanted time.Duration, err error) {
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		return 0, nil
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return time.Duration(min(max(seconds, 0), 60)) * time.Second, fmt.Errorf("webhook: the server answered %s", response.Status)
	default:
		return 0, &finalError{fmt.Errorf("webhook: the server answered %s", response.Status)}
	}
}
