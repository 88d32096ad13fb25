package delivery

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

func message(t *testing.T) *Message {
	t.Helper()
	end := time.Date(2026, 11, 30, 2, 17, 0, 0, time.UTC)
	s := evidence.Stretch{Job: "trades <x>"}
	d, err := document.New(document.Source{
		Evidence: gate.OfStretch(&s, nil, end), Policy: gate.DefaultPolicy(), Made: end, JobFile: "trades.yaml",
		Window: document.Window{From: end.Add(-24 * time.Hour), To: end, Zone: "UTC"},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(d, []byte("<!DOCTYPE html><p>report"), false)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// received is a request of a webhook.
type received struct {
	header http.Header
	body   []byte
}

func serve(t *testing.T, answer func(w http.ResponseWriter, n int)) (*httptest.Server, func() []received) {
	var mu sync.Mutex
	var got []received
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		got = append(got, received{r.Header, body})
		n := len(got)
		mu.Unlock()
		answer(w, n)
	}))
	t.Cleanup(s.Close)
	return s, func() []received { mu.Lock(); defer mu.Unlock(); return got }
}

func ok(http.ResponseWriter, int) {}

func TestAWebhookGetsTheSummarySigned(t *testing.T) {
	server, got := serve(t, ok)
	t.Setenv("HOOK_SECRET", "key")
	m := message(t)
	if err := (Config{Webhook: server.URL, SecretEnv: "HOOK_SECRET"}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	r := got()[0]
	sum := hmac.New(sha256.New, []byte("key"))
	sum.Write(r.body)
	if want := "sha256=" + hex.EncodeToString(sum.Sum(nil)); r.header.Get(SignatureHeader) != want {
		t.Errorf("signature %s, want %s", r.header.Get(SignatureHeader), want)
	}
	if id := r.header.Get(IdempotencyHeader); id != "trades__x_-20261130T021700Z" {
		t.Errorf("idempotency key %s", id)
	}
	var body map[string]any
	if err := json.Unmarshal(r.body, &body); err != nil || body["verdict"] != "inconclusive" || body["job"] != "trades <x>" || body["event"] != "report" || body["ratio"] != nil {
		t.Errorf("%v: %s", err, r.body)
	}
}

func TestASlackMessageEscapesData(t *testing.T) {
	server, got := serve(t, ok)
	if err := (Config{Webhook: server.URL, Format: "slack"}).Send(t.Context(), message(t)); err != nil {
		t.Fatal(err)
	}
	var body struct {
		Text   string
		Blocks []struct {
			Type string
			Text struct{ Type, Text string }
		}
	}
	if err := json.Unmarshal(got()[0].body, &body); err != nil || len(body.Blocks) != 1 {
		t.Fatalf("%v: %s", err, got()[0].body)
	}
	if text := body.Blocks[0].Text.Text; !strings.Contains(text, "*INCONCLUSIVE: job trades &lt;x&gt;, Nothing was compared.") || strings.Contains(text, "<x>") {
		t.Error(text)
	}
}

func TestAWebhookThatIsAwayIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		answers []int
		tries   int
		want    string
	}{
		"at once":    {[]int{204}, 1, ""},
		"then":       {[]int{500, 429, 200}, 3, ""},
		"never":      {[]int{503, 503, 503}, 3, "503 Service Unavailable (3 attempts)"},
		"refused":    {[]int{404}, 1, "404 Not Found"},
		"redirected": {[]int{302}, 1, "302 Found"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				err := retry(t.Context(), func() (time.Duration, error) {
					n++
					server := httptest.NewRecorder()
					server.WriteHeader(c.answers[n-1])
					return judge(server.Result())
				})
				if n != c.tries || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("%d attempts: %v", n, err)
				}
			})
		})
	}
}

func TestAnErrorDoesNotShowTheURL(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	l.Close()
	t.Setenv("HOOK", "http://"+gone+"/token-1234")
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // one attempt
	err = Config{WebhookEnv: "HOOK"}.Send(ctx, message(t))
	if err == nil || strings.Contains(err.Error(), "token") {
		t.Errorf("%v", err)
	}
	if c := (Config{Webhook: "https://hooks.example.com/token-1234"}).Channel(); c != "webhook hooks.example.com" {
		t.Error(c)
	}
}

func TestASilentWebhookIsLeftAfterTheTimeout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // it accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := Config{Webhook: "http://" + l.Addr().String(), Timeout: time.Millisecond}
	client, err := c.client()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.postOnce(t.Context(), client, c.Webhook, "", "id", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// mailbox is a mail server in this process.
type mailbox struct {
	mu       sync.Mutex
	from     string
	to       []string
	data     string
	password string
	refuse   atomic.Int64 // answers 451 as often
}

type session struct{ *mailbox }

func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{m}, nil }
func (s *session) AuthMechanisms() []string                    { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "me" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.password = password
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.refuse.Add(-1) >= 0 {
		return &smtp.SMTPError{Code: 550, Message: "no"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.to = from, nil
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = string(text)
	return err
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// mailServer starts a server; with a TLS server's certificate it offers STARTTLS.
func mailServer(t *testing.T, of *httptest.Server) (*mailbox, string) {
	t.Helper()
	box := &mailbox{}
	s := smtp.NewServer(box)
	s.Domain, s.AllowInsecureAuth = "localhost", true
	if of != nil {
		s.TLSConfig = of.TLS.Clone()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-done })
	return box, l.Addr().String()
}

func TestAMailHasTheTextAndThePage(t *testing.T) {
	box, address := mailServer(t, nil)
	c := Config{SMTP: address, TLS: "none", From: "parallax@example.com", To: []string{"ana@example.com", "bo@example.com"}}
	if err := c.Send(t.Context(), message(t)); err != nil {
		t.Fatal(err)
	}
	if box.from != "parallax@example.com" || strings.Join(box.to, " ") != "ana@example.com bo@example.com" {
		t.Errorf("from %s to %s", box.from, box.to)
	}
	for _, want := range []string{
		"Subject: INCONCLUSIVE: job trades <x>, Nothing was compared. (2026-11-30)", "Message-ID: <trades__x_-20261130T021700Z@parallax>",
		"INCONCLUSIVE  trades <x>", `filename="trades__x_-20261130T021700Z.html"`, "PCFET0NUWVBFIGh0bWw+PHA+cmVwb3J0",
	} {
		if !strings.Contains(strings.ReplaceAll(box.data, "\r\n ", " "), want) {
			t.Errorf("no %q in\n%s", want, box.data)
		}
	}
}

func TestAPasswordIsSentOverTLSOnly(t *testing.T) {
	of := httptest.NewTLSServer(nil)
	t.Cleanup(of.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: of.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MAIL_PASSWORD", "secret")
	box, address := mailServer(t, of)
	c := Config{SMTP: address, From: "a@example.com", To: []string{"b@example.com"}, Username: "me", PasswordEnv: "MAIL_PASSWORD", CAFile: ca}
	if err := c.Send(t.Context(), message(t)); err != nil {
		t.Fatal(err)
	}
	if box.password != "secret" || box.data == "" {
		t.Errorf("password %q, mail %q", box.password, box.data)
	}
	clear, address := mailServer(t, nil) // without STARTTLS
	c.SMTP = address
	client, err := c.server()
	if err != nil {
		t.Fatal(err)
	}
	letter, err := c.letter(message(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.DialAndSendWithContext(t.Context(), letter); err == nil || clear.password != "" || clear.data != "" {
		t.Errorf("%v: password %q, mail %q", err, clear.password, clear.data)
	}
}

func TestAMailThatIsRefusedIsNotSentAgain(t *testing.T) {
	box, address := mailServer(t, nil)
	box.refuse.Store(1)
	err := Config{SMTP: address, TLS: "none", From: "a@example.com", To: []string{"b@example.com"}}.Send(t.Context(), message(t))
	if err == nil || !strings.Contains(err.Error(), "550") || box.data != "" {
		t.Errorf("%v", err)
	}
}

func TestASecretThatIsNotThereIsNamed(t *testing.T) {
	err := Config{Webhook: "http://127.0.0.1:1", SecretEnv: "NO_SUCH_SECRET"}.Send(t.Context(), message(t))
	if err == nil || !strings.Contains(err.Error(), "environment variable NO_SUCH_SECRET is not set") {
		t.Errorf("%v", err)
	}
}

func TestAReceiverThatCannotBeUsedIsRefused(t *testing.T) {
	mail := Config{SMTP: "m:25", From: "a@b.c", To: []string{"d@e.f"}}
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"neither":       {func(c *Config) { *c = Config{} }, "set either webhook"},
		"both":          {func(c *Config) { c.Webhook = "https://x" }, "set either webhook"},
		"a file":        {func(c *Config) { *c = Config{Webhook: "file:///etc/passwd"} }, "http or https"},
		"two URLs":      {func(c *Config) { *c = Config{Webhook: "https://x", WebhookEnv: "X"} }, "set one of webhook"},
		"format":        {func(c *Config) { *c = Config{Webhook: "https://x", Format: "xml"} }, "json or slack"},
		"no port":       {func(c *Config) { c.SMTP = "m" }, "host:port"},
		"nobody":        {func(c *Config) { c.To = nil }, "to: missing"},
		"an address":    {func(c *Config) { c.To = []string{"ana"} }, `"ana" is not a mail address`},
		"a password":    {func(c *Config) { c.PasswordEnv = "X" }, "username"},
		"in clear text": {func(c *Config) { c.Username, c.PasswordEnv, c.TLS = "u", "X", "none" }, "clear text"},
		"tls":           {func(c *Config) { c.TLS = "ssl" }, "starttls, tls or none"},
	} {
		one := mail
		if err := one.Validate(); err != nil {
			t.Fatal(err)
		}
		c.change(&one)
		if err := one.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
