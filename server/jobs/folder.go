package jobs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// folder watches the files in a folder: it reads a file again when its time or size has
// changed, and its contents decide whether it has.
type folder struct {
	dir   string
	files map[string]*watched
}

// watched is a file of the folder.
type watched struct {
	info   os.FileInfo
	digest string
	// gone counts how often in a row the file was not there.
	gone int
}

// mostJobFile is how many bytes a job file has at most, here and in the API.
const mostJobFile = 1 << 20

// goneAfter is how often in a row a file must be missing to count as deleted: some programs
// replace a file by deleting it first.
const goneAfter = 2

func newFolder(dir string) folder { return folder{dir, map[string]*watched{}} }

// event is what has happened to a file.
type event struct {
	path string
	// text is what it contains; nil if it was deleted.
	text []byte
}

// look returns what has happened since it last looked.
func (f *folder) look() (events []event, err error) {
	if f.dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("the folder of job files cannot be read; all jobs go on as they are: %w", err)
	}
	there := map[string]bool{}
	for _, e := range entries {
		if !isJobFile(e.Name()) {
			continue
		}
		path := filepath.Join(f.dir, e.Name())
		info, failed := os.Stat(path) // follows links
		if failed != nil || info.IsDir() {
			continue // it counts as gone
		}
		if !info.Mode().IsRegular() { // reading a named pipe would wait for a writer
			err = errors.Join(err, fmt.Errorf("%s is not a regular file, and is not read: remove it", path))
			continue
		}
		if info.Size() > mostJobFile {
			err = errors.Join(err, fmt.Errorf("%s has %d bytes, and a job file has at most %d", path, info.Size(), mostJobFile))
			continue
		}
		there[path] = true
		e, failed := f.read(path, info)
		err = errors.Join(err, failed)
		if e != nil {
			events = append(events, *e)
		}
	}
	for path, w := range f.files {
		if there[path] {
			w.gone = 0
			continue
		}
		if w.gone++; w.gone >= goneAfter {
			delete(f.files, path)
			events = append(events, event{path: path})
		}
	}
	return events, err
}

// read returns the file's contents if they have changed.
func (f *folder) read(path string, info os.FileInfo) (*event, error) {
	w := f.files[path]
	if w != nil && w.info.Size() == info.Size() && w.info.ModTime().Equal(info.ModTime()) && os.SameFile(w.info, info) {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it was deleted since
	}
	if err != nil {
		return nil, err
	}
	digest := digestOf(text)
	if w != nil && w.digest == digest {
		w.info = info
		return nil, nil
	}
	f.files[path] = &watched{info: info, digest: digest}
	return &event{path, text}, nil
}

// forget lets the next look return a file again.
func (f *folder) forget(path string) { delete(f.files, path) }

// isJobFile reports whether a file of the folder is a job file, by its name.
func isJobFile(name string) bool {
	ext := filepath.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".accepted"+ext)
}

// lookAtFolder applies what has happened in the folder.
func (s *Server) lookAtFolder() {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	events, err := s.folder.look()
	s.mu.Lock()
	if err != nil && (s.broken == nil || s.broken.Error() != err.Error()) {
		s.opt.Log.Error("the folder of job files", "error", err)
	}
	s.broken = err
	s.mu.Unlock()
	for _, e := range events {
		if e.text == nil {
			s.fileIsGone(e.path)
			continue
		}
		s.fileHasChanged(e.path, e.text)
	}
}

// fileHasChanged deploys a file of the folder. Called with deploying held.
func (s *Server) fileHasChanged(path string, text []byte) {
	spec, err := s.read(path, path, text, nil)
	if err == nil {
		err = s.deployFile(spec)
	}
	owner := s.ofFile(path)
	if err == nil && owner != nil && owner.name != spec.Name {
		s.remove(owner) // the file is of another job now
		owner = nil
	}
	job := spec.Name
	switch {
	case err == nil:
		s.keepLast(spec, text)
	case owner == nil:
		job, owner = s.startLast(path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.refused, path)
	switch {
	case owner != nil:
		owner.setFileError(err)
	case err != nil:
		s.refused[path] = Refused{path, job, err.Error(), time.Now()}
	}
	if err != nil {
		s.opt.Log.Error("a job file is not in force", "file", path, "error", err)
	}
}

// fileIsGone stops and removes the job of a file that was deleted. Called with deploying held.
func (s *Server) fileIsGone(path string) {
	s.mu.Lock()
	delete(s.refused, path)
	s.mu.Unlock()
	if j := s.ofFile(path); j != nil {
		s.opt.Log.Info("a job file was deleted: its job stops", "file", path, "job", j.name)
		s.forgetLast(j.name)
		s.remove(j)
	}
}

// ofFile returns the job that a file of the folder is of; nil if there is none.
func (s *Server) ofFile(path string) *Job {
	for _, j := range s.all() {
		if j.Status().Spec.File == path {
			return j
		}
	}
	return nil
}

// deployFile adds or changes the job of a file of the folder. Called with deploying held.
func (s *Server) deployFile(spec Spec) error {
	w, err := s.data.desired(spec.Name)
	if err != nil {
		return err
	}
	if j, _ := s.find(spec.Name); j != nil {
		if j.isLeaving() {
			s.folder.forget(spec.File) // it is looked at again
			return fmt.Errorf("job %s is being removed and has not stopped yet", spec.Name)
		}
		if other := j.Status().Spec.File; other != spec.File {
			if _, err := os.Stat(other); errors.Is(err, fs.ErrNotExist) { // it was renamed
				s.folder.forget(spec.File)
				return fmt.Errorf("job %s: its file %s is gone; it starts from this one once it has stopped", spec.Name, other)
			}
			return fmt.Errorf("job %s: it comes from %s already: give one of them another name", spec.Name, other)
		}
		return s.change(j, spec)
	}
	if w.IsRemoved {
		if w.Digest == spec.Digest {
			s.opt.Log.Info("a job was removed and does not start; change its file to bring it back", "job", spec.Name, "removed by", w.By)
			return nil
		}
		w = desired{State: w.State}
		if err := s.data.want(spec.Name, w); err != nil {
			return err
		}
	}
	return s.add(spec, w)
}

// startDeployed starts the jobs that were deployed through the API.
func (s *Server) startDeployed() {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	paths, err := s.data.deployed()
	if err != nil {
		s.opt.Log.Error("the jobs that were deployed through the API", "error", err)
	}
	for _, path := range paths {
		if err := s.startDeployedFile(path); err != nil {
			s.mu.Lock()
			s.refused[path] = Refused{Path: path, Reason: err.Error(), At: time.Now()}
			s.mu.Unlock()
			s.opt.Log.Error("a deployed job is not started", "file", path, "error", err)
		}
	}
}

func (s *Server) startDeployedFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	spec, err := s.read(path, FromAPI, text, mayDeploy)
	if err != nil {
		return err
	}
	if j, _ := s.find(spec.Name); j != nil {
		return nil // it was deployed since the server began
	}
	w, err := s.data.desired(spec.Name)
	if err != nil {
		return err
	}
	return s.add(spec, w)
}

func (j *Job) setFileError(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fileError = ""
	if err != nil {
		j.fileError = err.Error()
	}
	j.server.changed(j.name)
}
