// Package demo runs a scenario as a job on an embedded broker, with a fault in V2 where one
// is wanted. It chooses data that can show the fault, makes the topics and the records, and
// judges what the run showed.
//
// Stability: ours.
package demo
