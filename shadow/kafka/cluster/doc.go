// Package cluster is the brokers as clients reach them. It says whether they can be reached and
// which right a refused client lacks; it describes, creates and reads topics. It knows nothing of
// consumer groups, transactions and tasks.
//
// Stability: ours.
package cluster
