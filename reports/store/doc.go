// Package store keeps the evidence of a job's runs in a SQLite database, so that it outlives
// the process: spans, runs, verdicts, reports and changes of stage. One process writes spans; any
// number of others read beside it, on any machine that has the files.
//
// Stability: ours.
package store
