package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"parallax/shadow/checkpoint"
)

// stateCommand has the commands about stored state.
type stateCommand struct {
	Show stateShowCommand `cmd:"" help:"List the checkpoints of a job, and check each."`
}

type stateShowCommand struct {
	From string `arg:"" name:"dir|job" help:"State directory, or job file."`
}

func (stateShowCommand) Help() string {
	return examples("parallax state show job.yaml", "parallax state show ./state --json") +
		"\n\nThe exit code is 0 if the newest checkpoint of each task is whole, else 2."
}

// shownTask is a directory of checkpoints as it is shown.
type shownTask struct {
	Directory   string            `json:"directory"`
	Checkpoints []shownCheckpoint `json:"checkpoints"`
}

// shownCheckpoint is a checkpoint as it is shown, the newest first.
type shownCheckpoint struct {
	Name       string `json:"name"`
	Generation int64  `json:"generation"`
	Position   int64  `json:"position"`
	Whole      bool   `json:"whole"`
	// Reason is why it is not whole.
	Reason string `json:"reason,omitempty"`
	// Manifest is null if it cannot be read.
	Manifest   *checkpoint.Manifest `json:"manifest"`
	AgeSeconds float64              `json:"age_seconds,omitempty"`
	Size       int64                `json:"size,omitempty"`
}

func (c *stateShowCommand) Run(e *env) error {
	root, err := c.directory(e)
	if err != nil {
		return err
	}
	folders, err := checkpoint.Folders(root)
	if err != nil {
		return err
	}
	tasks := []shownTask{}
	for _, folder := range folders {
		task, err := showTask(folder, time.Now())
		if err != nil {
			return err
		}
		if len(task.Checkpoints) > 0 {
			tasks = append(tasks, task)
		}
	}
	if len(tasks) == 0 {
		return fmt.Errorf("%s has no checkpoints", root)
	}
	if e.json {
		err = json.NewEncoder(e.out).Encode(map[string]any{"tasks": tasks})
	} else {
		err = printTasks(e, tasks)
	}
	if err != nil {
		return err
	}
	for i := range tasks {
		if newest := &tasks[i].Checkpoints[0]; !newest.Whole {
			return fmt.Errorf("the newest checkpoint in %s is not whole: %s", tasks[i].Directory, newest.Reason)
		}
	}
	return nil
}

// directory is the one that the argument names: itself, or that of a job file.
func (c *stateShowCommand) directory(e *env) (string, error) {
	if info, err := os.Stat(c.From); err == nil && info.IsDir() {
		return c.From, nil
	}
	l, err := e.loadJob(c.From)
	if err != nil {
		return "", err
	}
	if !l.Job.State.Enabled {
		return "", fmt.Errorf("%s: job %s has state: off, so it writes no checkpoints", l.Path, l.Job.Name)
	}
	return checkpoint.JobPath(l.StateDir(), l.Job.Name), nil
}

func showTask(folder string, now time.Time) (shownTask, error) {
	found, err := checkpoint.List(checkpoint.ReadDir(folder))
	task := shownTask{Directory: folder}
	for _, f := range found {
		s := shownCheckpoint{Name: f.ID.String(), Generation: f.ID.Generation, Position: f.ID.Position, Whole: f.Err == nil, Manifest: f.Manifest}
		if f.Err != nil {
			s.Reason = f.Err.Error()
		}
		if m := f.Manifest; m != nil {
			s.AgeSeconds, s.Size = max(now.Sub(m.Written), 0).Round(time.Millisecond).Seconds(), m.Size()
		}
		task.Checkpoints = append(task.Checkpoints, s)
	}
	return task, err
}

// printTasks writes a table for each task, and below it why a checkpoint is not whole.
func printTasks(e *env, tasks []shownTask) error {
	w := e.text()
	for i := range tasks {
		task := &tasks[i]
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprint(w, task.Directory)
		if m := task.Checkpoints[0].Manifest; m != nil {
			fmt.Fprintf(w, ": job %s, task %s", m.Job, m.Task)
		}
		fmt.Fprint(w, "\n\n")
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "checkpoint\tage\tsize\tposition\tbatch\tgeneration\tclean stop\tentries by stage\twhole")
		for j := range task.Checkpoints {
			fmt.Fprintln(t, strings.Join(task.Checkpoints[j].cells(), "\t"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		for j := range task.Checkpoints {
			if c := &task.Checkpoints[j]; !c.Whole {
				fmt.Fprintf(w, "\n%s: %s\n", c.Name, c.Reason)
			}
		}
	}
	return nil
}

func (c *shownCheckpoint) cells() []string {
	cells := []string{c.Name, "?", "?", fmt.Sprint(c.Position), "?", fmt.Sprint(c.Generation), "?", "?", yesOrNo(c.Whole)}
	if m := c.Manifest; m != nil {
		var entries []string
		for i := range m.Stages {
			entries = append(entries, fmt.Sprint(m.Stages[i].Entries))
		}
		cells[1] = (time.Duration(c.AgeSeconds) * time.Second).String()
		cells[2] = size(c.Size)
		cells[4], cells[6], cells[7] = fmt.Sprint(m.Place.Batch), yesOrNo(m.Clean), strings.Join(entries, " ")
	}
	return cells
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// size is a number of bytes with a unit.
func size(bytes int64) string {
	const unit = 1024
	n, names := float64(bytes), []string{"B", "KiB", "MiB", "GiB", "TiB"}
	for n >= unit && len(names) > 1 {
		n, names = n/unit, names[1:]
	}
	if names[0] == "B" {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f %s", n, names[0])
}
