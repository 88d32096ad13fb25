package access

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parallax/server/resource"
)

func TestWithoutTokensAServerListensOnLoopbackOnly(t *testing.T) {
	dir := t.TempDir()
	tokens := filepath.Join(dir, "tokens")
	newToken(t, tokens, resource.View, "a")
	for _, c := range []struct {
		options       Options
		refused, warn string
	}{
		{Options{Listen: "127.0.0.1:0"}, "", ""},
		{Options{Listen: "localhost:0"}, "", ""},
		{Options{Listen: "[::1]:0"}, "", ""},
		{Options{Listen: "0.0.0.0:0"}, "the server has no tokens", ""},
		{Options{Listen: ":0"}, "the server has no tokens", ""},
		{Options{Listen: "[::]:0"}, "the server has no tokens", ""},
		{Options{Listen: "0.0.0.0:0", TokensFile: tokens}, "", "tokens are sent without TLS"},
		{Options{Listen: "0.0.0.0:0", IsMonitored: true}, "", "set listen to 127.0.0.1"},
		{Options{Listen: "127.0.0.1:0", TokensFile: tokens}, "", ""},
		{Options{Listen: "127.0.0.1:0", TokensFile: filepath.Join(dir, "none")}, "no such file", ""},
		{Options{Listen: "127.0.0.1:0", CertFile: "x"}, "TLS needs two files", ""},
		{Options{Listen: "127.0.0.1:0", CertFile: "x", KeyFile: "y"}, "TLS: ", ""},
		{Options{Listen: "nonsense"}, "is not an address to listen on", ""},
	} {
		s, err := Listen(c.options)
		if err != nil {
			if c.refused == "" && strings.Contains(err.Error(), "cannot assign requested address") {
				continue // a machine without IPv6
			}
			if c.refused == "" || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%+v: %v; want %q", c.options, err, c.refused)
			}
			continue
		}
		if c.refused != "" {
			t.Errorf("%+v: listens, want %q", c.options, c.refused)
		}
		if w := s.Warning(); (w == "") != (c.warn == "") || !strings.Contains(w, c.warn) {
			t.Errorf("%+v: the warning is %q, want %q", c.options, w, c.warn)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestAnAddressToListenOnHasAPort(t *testing.T) {
	for _, good := range []string{":8080", "127.0.0.1:0", "localhost:1", "[::1]:8080", "0.0.0.0:65535"} {
		if err := CheckAddress(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "nonsense", ":x", "127.0.0.1:99999", "127.0.0.1:-1", "8080", "a:b:1"} {
		if err := CheckAddress(bad); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}

func TestATakenPortIsAnErrorThatSaysSo(t *testing.T) {
	first, err := Listen(Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(t.Context())
	if _, err := Listen(Options{Listen: first.Addr().String()}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second server on the port: %v", err)
	}
}

// writeCertificate writes a new certificate for 127.0.0.1 and its key.
func writeCertificate(t *testing.T, dir, name string) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &c, &c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for file, text := range map[string][]byte{certFile: public, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return certFile, keyFile, pool
}

// getTLS asks on a new connection, and returns who the certificate is for, and the protocol.
func getTLS(t *testing.T, url string, pool *x509.CertPool) (subject, protocol string, err error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		return "", "", err
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.TLS.PeerCertificates[0].Subject.CommonName, resp.Proto, nil
}

func TestAReplacedCertificateIsUsedAtOnce(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile, first := writeCertificate(t, dir, "first")
	s, err := Listen(Options{Listen: "127.0.0.1:0", CertFile: certFile, KeyFile: keyFile})
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "ok") }))
	if subject, protocol, err := getTLS(t, s.URL(), first); subject != "first" || protocol != "HTTP/2.0" || err != nil {
		t.Errorf("%s over %s, %v", subject, protocol, err)
	}
	if err := os.WriteFile(keyFile, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if subject, _, err := getTLS(t, s.URL(), first); subject != "first" || err != nil {
		t.Errorf("with a broken key: %s, %v", subject, err)
	}
	_, _, second := writeCertificate(t, dir, "second")
	if subject, _, err := getTLS(t, s.URL(), second); subject != "second" || err != nil {
		t.Errorf("replaced: %s, %v", subject, err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// Close waits for requests under way, and tells streams to end.
func TestCloseEndsStreamsAndWaitsForRequests(t *testing.T) {
	s, err := Listen(Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	begun, finish := make(chan struct{}, 2), make(chan struct{})
	s.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		if r.URL.Path == "/stream" {
			<-Closing(r.Context())
			close(finish) // the request ends after the stream was told to
			return
		}
		<-finish
		if r.Context().Err() != nil {
			t.Error("a request under way is canceled")
		}
		_, _ = io.WriteString(w, "finished")
	}))
	bodies := make(chan string, 2)
	for _, path := range []string{"/stream", "/request"} {
		go func() {
			resp, err := http.Get(s.URL() + path)
			if err != nil {
				bodies <- err.Error()
				return
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			bodies <- string(body)
		}()
	}
	<-begun
	<-begun
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if got := <-bodies + <-bodies; got != "finished" {
		t.Errorf("answers: %q", got)
	}
}
