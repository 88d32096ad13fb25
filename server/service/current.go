package service

import (
	"parallax/reports/store"
	"parallax/server/jobs"
	"parallax/shadow/evidence"
)

// isCurrent reports whether the newest stored evidence is about the job as it is now. What was
// compared before its query, V1, V2 or rules changed is of another run: it stays in the reports
// and the history, and is not shown as the job's figures.
func (v *view) isCurrent(st jobs.Status, stored *store.Reader) (bool, error) {
	runs, err := stored.Runs()
	if len(runs) == 0 || err != nil {
		return false, err
	}
	r, err := v.runOf(st)
	if err != nil {
		return true, nil // the job's file cannot be used: what is stored is all that is known
	}
	return isSameRun(runs[len(runs)-1].RunIdentity, r.Identity), nil
}

// isOld reports whether there is stored evidence, and none of the job as it is now, which is r. It
// is called with making held.
func (v *view) isOld(st jobs.Status, r *run) bool {
	if v.stored == r { // it stays so
		return false
	}
	from, err := reader(st)
	if from == nil || err != nil {
		return false // what is wrong with the store is in the verdict
	}
	defer func() { _ = from.Close() }() // it was only read
	isCurrent, err := v.isCurrent(st, from)
	if isCurrent {
		v.stored = r
	}
	return err == nil && !isCurrent
}

// isSameRun reports whether evidence of two identities belongs together. The name of the key of
// redacted columns is not known before the job runs.
func isSameRun(a, b evidence.RunIdentity) bool {
	a.Run, b.Run = "", ""
	a.Redaction, b.Redaction = a.RedactedColumns(), b.RedactedColumns()
	return a == b
}
