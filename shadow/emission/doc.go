// Package emission emits the rows of a job, and decides whose they are. In a stage in which V2
// runs beside V1 and is only compared, V1's rows are emitted at once. In a verified stage an
// Emitter holds each batch until it has been compared, and then emits V2's rows for the keys
// that are V2's; what is not compared in time is emitted as V1 made it.
//
// It compares nothing: the comparison tells it what it found.
//
// Stability: ours.
package emission
