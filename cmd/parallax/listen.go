package main

import (
	"context"
	"fmt"
	"time"

	"parallax/server/access"
	"parallax/server/api"
	"parallax/server/page"
	"parallax/server/resource"
)

// accessFlags say who may call a server.
type accessFlags struct {
	Tokens  string   `help:"File with the hashes of tokens, from parallax token new. Without it only programs on this machine may call." placeholder:"FILE"`
	TLSCert string   `help:"File with the TLS certificate; it is read again when it changes." name:"tls-cert" placeholder:"FILE"`
	TLSKey  string   `help:"File with the key of the TLS certificate." name:"tls-key" placeholder:"FILE"`
	Host    []string `help:"Names by which browsers may call, besides localhost and IP addresses." placeholder:"NAME"`
}

// shownService is a resource.Service that takes changes that were refused into its audit.
type shownService interface {
	resource.Service
	Refused(resource.AuditEntry)
}

// listen binds the address of a server.
func (a *accessFlags) listen(e *env, address string) (*access.Server, error) {
	srv, err := access.Listen(access.Options{
		Listen: address, TokensFile: a.Tokens, CertFile: a.TLSCert, KeyFile: a.TLSKey, Hosts: a.Host, Log: e.log,
	})
	if err != nil {
		return nil, err
	}
	if w := srv.Warning(); w != "" {
		e.log.Warn(w)
	}
	return srv, nil
}

// closeWithin is how long requests have when a server ends.
const closeWithin = 5 * time.Second

// serveHTTP serves the API and the page until stop.
func serveHTTP(e *env, srv *access.Server, s shownService) (stop func() error, err error) {
	pages := page.New(page.Options{Service: s, Logins: srv.Guard(), Version: version})
	h, err := api.New(api.Options{Service: s, Page: pages, Refused: s.Refused, Log: e.log})
	if err != nil {
		return nil, err
	}
	srv.Serve(h)
	fmt.Fprintf(e.errs, "listening on %s\n", srv.URL())
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
		defer cancel()
		return srv.Close(ctx)
	}, nil
}
