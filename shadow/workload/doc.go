// Package workload generates the data of the benchmark's scenarios: from a seed, identical
// on every machine, and as a stream. It does not know a clock or a broker.
//
// Stability: ours.
package workload
