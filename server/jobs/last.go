package jobs

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// last is a file of the folder as it was when it could be used. It is kept in the data folder: a
// file that is broken while the server is down must not end its job.
type last struct {
	Path string `json:"path"`
	Job  string `json:"job"`
	Text string `json:"text"`
}

const lastName = "last.json"

func (d data) lastPath(name string) string { return filepath.Join(d.jobDir(name), lastName) }

// keepLast keeps a file that is in force.
func (s *Server) keepLast(spec Spec, text []byte) {
	kept, err := json.Marshal(last{spec.File, spec.Name, string(text)})
	if err == nil {
		err = s.data.write(s.data.lastPath(spec.Name), kept)
	}
	if err != nil {
		s.opt.Log.Warn("the job file was not copied to the data folder: if it is broken when the server starts, its job does not run", "file", spec.File, "error", err)
	}
}

// forgetLast forgets the file of a job.
func (s *Server) forgetLast(name string) {
	if err := os.Remove(s.data.lastPath(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.opt.Log.Warn("the copy of a deleted job file stays in the data folder", "job", name, "error", err)
	}
}

// startLast starts the job of a file that cannot be used by the last one that could. It returns the
// job, nil if it does not run, and the name that it had, "" if that is not known. Called with
// deploying held.
func (s *Server) startLast(path string) (name string, j *Job) {
	l, isKnown := s.data.lastOf(path)
	if !isKnown {
		return "", nil
	}
	if j, _ := s.find(l.Job); j != nil {
		return "", nil // another file is of that job now
	}
	spec, err := s.read(path, path, []byte(l.Text), nil)
	if err == nil {
		err = s.deployFile(spec)
	}
	if err != nil { // such as where the script that it names is what is broken
		s.opt.Log.Error("a job file cannot be used, and its job does not go on by the one before", "file", path, "job", l.Job, "error", err)
		return l.Job, nil
	}
	return l.Job, s.ofFile(path)
}

// lastOf returns a file as it was when it could be used.
func (d data) lastOf(path string) (l last, isKnown bool) {
	folders, err := os.ReadDir(filepath.Join(d.dir, "jobs"))
	if err != nil {
		return l, false
	}
	for _, f := range folders {
		text, err := os.ReadFile(filepath.Join(d.dir, "jobs", f.Name(), lastName))
		if err == nil && json.Unmarshal(text, &l) == nil && l.Path == path {
			return l, true
		}
	}
	return last{}, false
}
