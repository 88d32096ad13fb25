// Package shadow is the runner: it feeds every batch to the control and to the candidate,
// emits the control's rows, compares the candidate's rows with them, and books every input
// record in a ledger. The control is V1, the candidate is V2.
//
// It does not know Kafka, SQL or verdicts: records come in through a Source and rows go
// out through an Output, and what the run showed is a Report, which other packages judge
// and render. How the candidate is kept away from the control is package candidate.
//
// Stability: ours.
package shadow
