package jobs

import (
	"fmt"
	"strings"

	"parallax/config"
	"parallax/processors"
	"parallax/server/resource"
	"parallax/shadow/checkpoint"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
)

// The kinds of change, from the one that costs least.
const (
	// IsNone changes nothing that has an effect.
	IsNone = "none"
	// IsPatch applies while the job runs.
	IsPatch = "patch"
	// IsFence applies between two batches, and keeps the state and the evidence.
	IsFence = "fence"
	// IsNewRun keeps the state; what the evidence has proven so far is about another run.
	IsNewRun = "new_run"
	// IsRefused cannot be applied: the state does not fit.
	IsRefused = "refused"
	// IsNew is a job that there was not.
	IsNew = "new"
)

// patched are the keys, or sections, that apply while the job runs.
var patched = []string{"gate.", "reports.", "listen"}

// Difference is what another job file changes.
type Difference struct {
	resource.Change
	// Partitions is V2's new number of partitions if that is all that changes between two
	// batches; 0 otherwise.
	Partitions int
}

// compare says what a job file changes in a job that runs by another one.
func compare(was, is *config.Loaded) (Difference, error) {
	d := Difference{Change: resource.Change{Change: IsNone, Says: []string{}}}
	old := map[string]string{}
	for _, v := range was.Effective() {
		old[v.Key] = v.Value
	}
	var keys []string
	for _, v := range is.Effective() {
		if before, known := old[v.Key]; known && before == v.Value {
			delete(old, v.Key)
			continue
		}
		keys = append(keys, v.Key)
		d.say(v.Key, old[v.Key], v.Value)
		delete(old, v.Key)
	}
	for key, before := range old { // pointers that are not set any more
		keys = append(keys, key)
		d.say(key, before, "")
	}
	if len(keys) == 0 {
		d.Says = append(d.Says, "nothing changes that has an effect")
		return d, nil
	}
	return d, d.classify(was, is, keys)
}

// say says what happens to a key.
func (d *Difference) say(key, before, after string) {
	if strings.Contains(before+after, "\n") {
		d.Says = append(d.Says, key+" changes")
		return
	}
	d.Says = append(d.Says, fmt.Sprintf("%s: %s becomes %s", key, shown(before), shown(after)))
}

func shown(value string) string {
	if value == "" {
		return "(nothing)"
	}
	return value
}

// classify decides which kind of change the keys make together.
func (d *Difference) classify(was, is *config.Loaded, keys []string) error {
	d.Change.Change = IsPatch
	for _, key := range keys {
		if !isPatched(key) {
			d.Change.Change = IsFence
		}
	}
	if d.Change.Change == IsPatch {
		d.Says = append(d.Says, "it applies while the job runs")
		return nil
	}
	before, err := job.IdentityOf(was, evidence.Program{})
	if err != nil {
		return err
	}
	after, err := job.IdentityOf(is, evidence.Program{})
	if err != nil {
		return err
	}
	switch {
	case before.Fingerprint != after.Fingerprint || was.StateDir() != is.StateDir():
		return d.otherState(was, is)
	case isOtherSize(was, is) && len(keys) == 1:
		d.Partitions = is.Job.Processors.V2.Partitions
		d.Says = append(d.Says, "V2's state moves to the other number of partitions between two batches, and every record is compared")
		return nil
	case before != after || was.EvidenceDir() != is.EvidenceDir():
		d.Change.Change = IsNewRun
		d.Says = append(d.Says, "the job stops cleanly and continues with its state; its evidence begins a new run, of which nothing is proven yet")
		return nil
	}
	d.Says = append(d.Says, "the job stops cleanly between two batches and continues with its state; its evidence goes on")
	return nil
}

// otherState decides on a change after which the stored state would be of another job.
func (d *Difference) otherState(was, is *config.Loaded) error {
	newest, err := checkpoint.Newest(checkpoint.ReadDir(checkpoint.TaskPath(was.StateDir(), was.Job.Name, "all")))
	if newest == nil || err != nil { // there is none, or none that can be read
		d.Change.Change = IsNewRun
		d.Says = append(d.Says, "the job has no stored state; its evidence begins a new run, of which nothing is proven yet")
		return nil
	}
	d.Change.Change = IsRefused
	if was.StateDir() != is.StateDir() {
		d.Says = append(d.Says, fmt.Sprintf("the stored state is in %s: stop the job, move the folder and deploy it then, or leave state.dir as it is", was.StateDir()))
		return nil
	}
	d.Says = append(d.Says, fmt.Sprintf("the stored state is that of the query and the settings as they were, and does not fit: deploy the file as a new job with another name, another kafka.group and other output topics, and remove job %s when that has caught up", was.Job.Name))
	return nil
}

// isOtherSize reports whether both are V2s that differ only in their number of partitions.
func isOtherSize(was, is *config.Loaded) bool {
	a, b := was.Job.Processors.V2, is.Job.Processors.V2
	if a.Architecture != processors.ArchitectureV2 || b.Architecture != processors.ArchitectureV2 || a.Partitions == b.Partitions || b.Partitions == 0 {
		return false
	}
	a.Partitions = b.Partitions
	return a == b
}

func isPatched(key string) bool {
	for _, p := range patched {
		if key == p || strings.HasSuffix(p, ".") && strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// refusal is a change that cannot be applied, for a client.
func refusal(job string, d Difference) error {
	last := len(d.Says) - 1
	return resource.NewProblem(409, "The state does not fit", fmt.Sprintf("job %s goes on as it is: %s", job, strings.Join(d.Says[:last], "; ")), d.Says[last])
}
