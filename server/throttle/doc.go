// Package throttle limits what HTTP clients can take from a job: open connections, requests a
// second, requests at once, and rendered pages. V1 needs the CPU, and slow clients must not
// keep others out.
//
// Stability: ours.
package throttle
