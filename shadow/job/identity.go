package job

import (
	"sync"

	"parallax/processors"
	"parallax/shadow/evidence"
)

// identities say what the evidence of a job is about, which may change between two batches while
// it runs. It is safe for concurrent use.
type identities struct {
	mu sync.Mutex
	// list is ordered by the batch from which each holds; the first one holds from the beginning of
	// the incarnation.
	list []identityFrom
}

type identityFrom struct {
	from int64
	id   evidence.RunIdentity
}

// IdentityNow says what the job's evidence is about now. Any goroutine may ask.
func (j *Job) IdentityNow() evidence.RunIdentity {
	i := &j.identities
	i.mu.Lock()
	defer i.mu.Unlock()
	if n := len(i.list); n > 0 {
		return i.list[n-1].id
	}
	return j.Identity
}

// becomes says that the job's evidence is about something else from a batch on.
func (j *Job) becomes(from int64, id evidence.RunIdentity) {
	i := &j.identities
	i.mu.Lock()
	defer i.mu.Unlock()
	i.list = append(i.list, identityFrom{from, id})
}

// beginIncarnation says that all later batches are those of another incarnation.
func (j *Job) beginIncarnation() {
	now := j.IdentityNow()
	i := &j.identities
	i.mu.Lock()
	defer i.mu.Unlock()
	i.list = []identityFrom{{id: now}}
}

// identityAt says what the evidence of a batch is about, as it is stored.
func (j *Job) identityAt(seq int64) evidence.RunIdentity {
	i := &j.identities
	i.mu.Lock()
	defer i.mu.Unlock()
	id := j.Identity
	for at, f := range i.list {
		if at > 0 && f.from > seq {
			break
		}
		id = f.id
	}
	id.Redaction = j.Evidence.Identity.Redaction // it names the key as well
	return id
}

// withV2 is the identity of now with another V2.
func (j *Job) withV2(v2 processors.Config) evidence.RunIdentity {
	id := j.IdentityNow()
	if j.nameV2 != nil {
		id.V2 = j.nameV2(v2)
	}
	return id
}
