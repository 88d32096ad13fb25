// Package access decides who may call the server: bearer tokens and their roles, sessions of
// the page, the hosts and origins that browsers may call from, the address that the server
// listens on, and TLS.
//
// Stability: ours.
package access
