package kafka

import "parallax/shadow/evidence"

// Progress is what a task has committed so far.
type Progress struct {
	// Offsets are what was processed of each topic-partition, as of Processed.
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

// publish makes what has just committed known to Progress. It is called by the goroutine
// of Commit, which is the one that the offsets belong to.
func (t *Task) publish() {
	t.progress.Store(&Progress{Offsets: t.Processed(), DeadLetterTopics: t.DeadLetterTopics()})
}
