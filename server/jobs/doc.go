// Package jobs runs many jobs in one process: it starts, pauses, stops, restarts and removes
// them, watches a folder of job files, restarts jobs that fail, and keeps what people asked
// for in a folder, so that a restart of the server changes nothing. One job's failure never
// affects another one.
//
// Stability: ours.
package jobs
