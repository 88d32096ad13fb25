// Package client calls the API of the job server.
//
// Stability: ours.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parallax/server/resource"
)

// Client calls a server. It is safe for concurrent use.
type Client struct {
	base  string
	token string
	http  *http.Client
}

const (
	// within limits the time of a call; a change of stage waits for V2.
	within = 2 * time.Minute
	// mostAnswer is how many bytes of an answer are read.
	mostAnswer = 16 << 20
)

// New returns a client of the server with a URL such as http://127.0.0.1:8080. The token is "" for
// a server without tokens.
func New(server, token string) (*Client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the address of a server; write it as http://127.0.0.1:8080", server)
	}
	u.Path, u.RawQuery, u.Fragment = strings.TrimSuffix(u.Path, "/"), "", ""
	c := &http.Client{Timeout: within, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Client{base: u.String(), token: token, http: c}, nil
}

// URLOf returns the URL of a server that listens on an address, such as :8080, as seen from the
// same machine.
func URLOf(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "http://" + listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Stage returns where a job's migration is.
func (c *Client) Stage(ctx context.Context, job string) (s resource.Stage, err error) {
	err = c.call(ctx, http.MethodGet, path(job, "stage"), nil, &s)
	return s, err
}

// SetStage asks for another stage. A refusal is a *resource.Problem.
func (c *Client) SetStage(ctx context.Context, job string, r resource.StageRequest) (s resource.Stage, err error) {
	err = c.call(ctx, http.MethodPost, path(job, "stage"), r, &s)
	return s, err
}

// StageHistory returns the changes of stage, the newest first.
func (c *Client) StageHistory(ctx context.Context, job string) ([]resource.StageChange, error) {
	var p resource.Page[resource.StageChange]
	err := c.call(ctx, http.MethodGet, path(job, "stage", "history"), nil, &p)
	return p.Items, err
}

// DryRun returns what deploying a job file would change. A refusal is a *resource.Problem.
func (c *Client) DryRun(ctx context.Context, job string, file []byte) (change resource.Change, err error) {
	err = c.send(ctx, http.MethodPut, strings.TrimSuffix(path(job), "/")+"?dry_run=true", "application/yaml", bytes.NewReader(file), &change)
	return change, err
}

// path is that of something of a job.
func path(job string, parts ...string) string {
	return "/v1/jobs/" + url.PathEscape(job) + "/" + strings.Join(parts, "/")
}

// call sends a request with a JSON body, nil for none, and decodes the answer.
func (c *Client) call(ctx context.Context, method, path string, body, into any) error {
	if body == nil {
		return c.send(ctx, method, path, "", nil, into)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(ctx, method, path, "application/json", bytes.NewReader(text), into)
}

// send sends a request with content of a type, "" for none, and decodes the answer.
func (c *Client) send(ctx context.Context, method, path, contentType string, content io.Reader, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var of *url.Error // its text repeats the URL
		if errors.As(err, &of) {
			err = of.Err
		}
		return fmt.Errorf("server %s: %w", c.base, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return fmt.Errorf("server %s: read the answer: %w", c.base, err)
	}
	if resp.StatusCode != http.StatusOK {
		return c.problem(resp, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("server %s: the answer to %s is not from Parallax's API: %w", c.base, path, err)
	}
	return nil
}

// problem is the error of an answer that is no success.
func (c *Client) problem(resp *http.Response, text []byte) error {
	var p resource.Problem
	if json.Unmarshal(text, &p) == nil && p.Detail != "" {
		p.Status = resp.StatusCode
		return &p
	}
	return fmt.Errorf("server %s: it answered %s, which is not from Parallax's API", c.base, resp.Status)
}
