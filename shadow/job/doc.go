// Package job wires a job: job file → source, paths, runner, evidence, gate → result. The
// command line, the demo and the tests run jobs through it. It prints nothing: what the
// user is told while a job runs goes to an Observer and to the log.
//
// Stability: ours.
package job
