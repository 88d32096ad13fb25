package jobs

import (
	"fmt"
	"slices"
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

// judged are the keys, or sections, that apply without the run; taken are those that the run takes
// between two batches, beside V2.
var (
	judged = []string{"gate.", "reports.", "listen"}
	taken  = []string{"commit.", rulesKey}
)

const rulesKey = "diff.rules"

// Difference is what another job file changes.
type Difference struct {
	resource.Change
	// InPlace: the change applies while the job runs, without another session of its consumer
	// group. ByRun: the run has to take it, between two batches.
	InPlace, ByRun bool
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
	before, err := job.IdentityOf(was, evidence.Program{})
	if err != nil {
		return err
	}
	after, err := job.IdentityOf(is, evidence.Program{})
	if err != nil {
		return err
	}
	if before.Fingerprint != after.Fingerprint || was.StateDir() != is.StateDir() {
		return d.otherState(was, is)
	}
	isOtherV2, why := applies(was, is, keys)
	d.ByRun = slices.ContainsFunc(keys, func(key string) bool { return !isIn(key, judged) })
	if why == "" {
		d.inPlace(was, is, isOtherV2, before != after)
		return nil
	}
	says := "the job stops cleanly and continues with its state"
	if why != elsewhere {
		says += ", because " + why
	}
	return d.restarts(was, is, says, before != after || was.EvidenceDir() != is.EvidenceDir())
}

// elsewhere is why most changes do not apply while a job runs.
const elsewhere = "a job takes it when it starts"

// applies reports whether keys make V2 another one, and why they do not apply while the job runs; ""
// if they do.
func applies(was, is *config.Loaded, keys []string) (isOtherV2 bool, why string) {
	for _, key := range keys {
		switch {
		case key == "processors.v2":
			isOtherV2 = true
		case !isIn(key, judged) && !isIn(key, taken):
			return isOtherV2, elsewhere
		case key == rulesKey && !is.Job.Evidence.Enabled:
			why = "without stored evidence what was found by the rules before cannot be told apart"
		}
	}
	if isOtherV2 && why == "" {
		why = job.CanSwitch(was, is)
	}
	return isOtherV2, why
}

// inPlace says what happens to a change that applies while the job runs.
func (d *Difference) inPlace(was, is *config.Loaded, isOtherV2, isOtherRun bool) {
	d.InPlace = true
	d.Change.Change = IsPatch
	if !isOtherV2 {
		d.Says = append(d.Says, "it applies while the job runs")
	} else {
		d.Change.Change = IsFence
		off := processors.ArchitectureOff
		switch {
		case is.Job.Processors.V2.Architecture == off:
			d.Says = append(d.Says, "V2 ends between two batches while the job runs; a verified stage goes back to shadow")
		case was.Job.Processors.V2.Architecture == off:
			d.Says = append(d.Says, "V2 begins between two batches while the job runs, with a copy of V1's state")
		default:
			d.Says = append(d.Says, "V2's state moves to the other V2 between two batches while the job runs, and every record is compared")
		}
	}
	if isOtherRun {
		d.Says = append(d.Says, "the evidence begins a new run with that batch: nothing of it is proven yet")
	}
}

// restarts says what happens to a change for which the job stops and starts.
func (d *Difference) restarts(was, is *config.Loaded, says string, isOtherRun bool) error {
	needsState, err := job.NeedsState(is)
	if err != nil {
		return err
	}
	if needsState && !(was.Job.State.Enabled && is.Job.State.Enabled) {
		d.Change.Change = IsRefused
		d.Says = append(d.Says, "the job would have to stop, and what it has of open windows and groups is not stored (state: off): it could not continue. Deploy the file as a new job with another name, another kafka.group and other output topics, and remove job "+was.Job.Name+" when that has caught up")
		return nil
	}
	if isOtherRun {
		d.Change.Change = IsNewRun
		d.Says = append(d.Says, says+"; its evidence begins a new run, of which nothing is proven yet")
		return nil
	}
	d.Change.Change = IsFence
	d.Says = append(d.Says, says+"; its evidence goes on")
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

// isIn reports whether a key, or its section, is in a list.
func isIn(key string, list []string) bool {
	for _, p := range list {
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
