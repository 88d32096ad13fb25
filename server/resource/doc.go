// Package resource defines what the job server shows and does: the JSON documents of its API,
// and the Service that the API and the page call. It is the contract between the three.
//
// Stability: ours.
package resource
