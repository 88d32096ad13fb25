// Package limits knows what topics accept: how large a batch of records may be, and which
// timestamps. It measures records as brokers do, and shortens dead letters until they fit. It
// sends no requests: what a topic accepts comes from its settings and from refusals.
//
// Stability: ours.
package limits
