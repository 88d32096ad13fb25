package job

import (
	"errors"
	"slices"
	"strings"
	"time"

	"parallax/reports/store"
	"parallax/shadow/redaction"
)

// keyWithin is how long the start waits for the key of evidence.redact.
const keyWithin = 5 * time.Second

var errKeySlow = errors.New("the disk did not answer in time")

// redact prepares what evidence.redact says. V1 does not depend on the key: without it the job
// runs with one of its own, and its evidence begins a run.
func (j *Job) redact() error {
	if len(j.Redact) == 0 {
		return nil
	}
	key := redaction.NewKey()
	if j.Evidence.Dir != "" {
		path := store.KeyPath(j.Evidence.Dir, j.Name)
		if stored, err := keyOf(path); err == nil {
			key = stored
		} else {
			j.Log.Warn("the key of evidence.redact cannot be used: this process redacts with a key of its own, and its evidence begins a run", "file", path, "error", err)
		}
	}
	r, err := redaction.New(j.Plan, j.Redact, key)
	if err != nil {
		return err
	}
	j.redaction = r
	j.Evidence.Identity = j.Evidence.Identity.WithRedactionKey(r.Replace("the key of evidence.redact"))
	return nil
}

// keyOf reads or makes the key in a file, for some time at most.
func keyOf(path string) ([]byte, error) {
	type result struct {
		key []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		key, err := redaction.KeyOf(path)
		done <- result{key, err}
	}()
	select {
	case r := <-done:
		return r.key, r.err
	case <-time.After(keyWithin):
		return nil, errKeySlow
	}
}

// redactedColumns returns columns in the form of which the digest is made: their order and case
// make no difference.
func redactedColumns(columns []string) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = strings.ToLower(c)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
