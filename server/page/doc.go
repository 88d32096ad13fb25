// Package page is the job server as people see it in a browser: the jobs, and of each job its
// verdict, migration, differences, rules, reports, audit and configuration. The server renders
// all pages; they work without script, and with it they stay up to date by themselves.
//
// Stability: ours.
package page
