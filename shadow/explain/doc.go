// Package explain replays the input of a divergence, without Kafka: through V1, V2 and the
// oracle. It reduces the input to a few records that still show the divergence, finds the
// first stage whose rows differ, the conditions under which it shows, and which side the
// oracle agrees with, and writes a folder that reproduces it. It does not fetch records and
// does not touch a running job.
//
// Stability: ours.
package explain
