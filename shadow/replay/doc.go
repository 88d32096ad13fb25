// Package replay prepares what package explain replays of a job: the job as it is replayed,
// what the stored evidence knows of a divergence, and the records of the job's topics up to
// its cause.
//
// Stability: ours.
package replay
