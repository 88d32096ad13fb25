package jobs

import (
	"fmt"

	"parallax/config"
	"parallax/shadow/checkpoint"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
)

// leftState says what becomes of the state that a removed job of the same name has left, "" if there
// is none, and whether a new job can start with it.
func leftState(l *config.Loaded) (says string, fits bool, err error) {
	if !l.Job.State.Enabled {
		return "", true, nil
	}
	path := checkpoint.TaskPath(l.StateDir(), l.Job.Name, "all")
	list, err := checkpoint.List(checkpoint.ReadDir(path))
	if err != nil || len(list) == 0 || list[0].Err != nil { // there is none, or the start will say what is wrong with it
		return "", true, nil
	}
	m := list[0].Manifest
	id, err := job.IdentityOf(l, evidence.Program{})
	if err != nil {
		return "", false, err
	}
	if m.Fingerprint != id.Fingerprint {
		return fmt.Sprintf("an earlier job of this name left its state in %s, and that does not fit the query or the settings: use another name, kafka.group and output topics, or remove that folder and the group", path), false, nil
	}
	return fmt.Sprintf("an earlier job of this name left its state in %s: the job continues from it, at position %d", path, m.Place.Position), true, nil
}
