// Package service is the job server as its API and its page see it: it implements
// resource.Service on the jobs that a host runs, on their stored evidence, and on the audit.
//
// Stability: ours.
package service
