package dashboard_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"parallax/reports/dashboard"
)

func TestRescaleAnswersProgramsOnThisMachine(t *testing.T) {
	var asked []int
	srv, err := dashboard.Listen("127.0.0.1:0", dashboard.Sources{
		Metrics: func(io.Writer) {}, Ready: func() error { return nil },
		Rescale: func(_ context.Context, partitions int) (string, error) {
			asked = append(asked, partitions)
			if partitions > 100 {
				return "", errors.New("V2 was not rescaled: it is detached")
			}
			return fmt.Sprintf("v2:%d", partitions), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close(t.Context())
	for _, c := range []struct {
		method, query, origin, host string
		code                        int
		body                        string
	}{
		{"POST", "?partitions=8", "", "", 200, `{"processor":"v2:8"}`},
		{"POST", "?partitions=8", "", "localhost", 200, `{"processor":"v2:8"}`},
		{"POST", "?partitions=800", "", "", 409, "it is detached"},
		{"POST", "?partitions=0", "", "", 400, `"0" must be a number greater than 0`},
		{"POST", "", "", "", 400, `"" must be a number greater than 0`},
		{"GET", "?partitions=8", "", "", 405, ""},
		{"POST", "?partitions=8", "http://elsewhere.example", "", 403, ""},
		{"POST", "?partitions=8", "", "elsewhere.example", 403, "only from this machine"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+srv.Addr().String()+"/v2/rescale"+c.query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.origin != "" {
			req.Header.Set("Origin", c.origin)
		}
		req.Host = c.host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err = errors.Join(err, resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != c.code || !strings.Contains(string(body), c.body) {
			t.Errorf("%+v: %d %q", c, resp.StatusCode, body)
		}
	}
	if fmt.Sprint(asked) != "[8 8 800]" {
		t.Errorf("asked for %v", asked)
	}
}
