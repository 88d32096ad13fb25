// Package workload makes the data of the benchmark's scenarios: seeded, the same
// on every machine, streamed. It knows no clock and no broker.
//
// Stability: ours.
package workload
