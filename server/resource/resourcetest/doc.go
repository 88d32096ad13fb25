// Package resourcetest is a job server for tests of its API and its page: a resource.Service
// that is held in memory, with jobs in every state. What it shows is the same in every run.
//
// Stability: ours.
package resourcetest
