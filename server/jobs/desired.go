package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"parallax/server/resource"
	"parallax/shadow/checkpoint"
)

// desired is what a person asked for. It is kept in the data folder, because the folder of
// job files may be read-only.
type desired struct {
	// State is running, paused or stopped.
	State resource.State `json:"state"`
	// IsRemoved: the job is not to be there, although there may be a file for it. A file that
	// has another digest brings it back.
	IsRemoved bool   `json:"removed,omitempty"`
	Digest    string `json:"digest,omitempty"`
	// By and At say who asked for it, and when.
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// data is the folder in which the server keeps what must survive its restart.
type data struct{ dir string }

// jobDir is the folder of a job.
func (d data) jobDir(name string) string {
	return checkpoint.JobPath(filepath.Join(d.dir, "jobs"), name)
}

// fileOf is the path of a job's file that was deployed through the API.
func (d data) fileOf(name string) string { return filepath.Join(d.jobDir(name), "job.yaml") }

func (d data) desiredPath(name string) string { return filepath.Join(d.jobDir(name), "desired.json") }

// desired returns what was asked for of a job: that it runs, if nothing was.
func (d data) desired(name string) (desired, error) {
	w := desired{State: resource.Running}
	text, err := os.ReadFile(d.desiredPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return w, nil
	}
	if err != nil {
		return w, err
	}
	if err := json.Unmarshal(text, &w); err != nil {
		return w, fmt.Errorf("%s: %w: delete the file, and the job runs", d.desiredPath(name), err)
	}
	switch w.State {
	case resource.Running, resource.Paused, resource.Stopped:
		return w, nil
	}
	return w, fmt.Errorf("%s: state %q must be running, paused or stopped", d.desiredPath(name), w.State)
}

// want keeps what is asked for of a job.
func (d data) want(name string, w desired) error {
	text, err := json.MarshalIndent(w, "", "  ")
	if err != nil {
		return err
	}
	return d.write(d.desiredPath(name), append(text, '\n'))
}

// write writes a file so that a reader, also after a crash, sees the old one or the new one.
func (d data) write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// deployed returns the job files that were deployed through the API.
func (d data) deployed() (paths []string, err error) {
	folders, err := os.ReadDir(filepath.Join(d.dir, "jobs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, f := range folders {
		path := filepath.Join(d.dir, "jobs", f.Name(), "job.yaml")
		if _, err := os.Stat(path); err == nil {
			paths = append(paths, path)
		}
	}
	return paths, err
}
