package kafka

import "parallax/shadow/evidence"

// Progress is the part of the input that a task has committed so far.
type Progress struct {
	// Offsets are the processed offsets, as Processed returns them.
	Offsets []evidence.OffsetRange
	// DeadLetterTopics are the topics that dead letters go to.
	DeadLetterTopics []string
}

// Progress returns what has committed so far. It may be called at any time.
func (t *Task) Progress() Progress {
	if p := t.progress.Load(); p != nil {
		return *p
	}
	return Progress{}
}

// publish updates Progress after a commit. It is called by the goroutine of Commit, which owns the
// offsets.
func (t *Task) publish() {
	t.progress.Store(&Progress{Offsets: t.Processed(), DeadLetterTopics: t.DeadLetterTopics()})
}
