package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// osFiles are the files of a directory of the operating system. Its errors name the path.
type osFiles string

func (d osFiles) at(name string) string { return filepath.Join(string(d), name) }

func (d osFiles) Create(name string) (file, error) {
	return os.OpenFile(d.at(name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
}

// Open opens a regular file. To open a pipe could take for ever.
func (d osFiles) Open(name string) (io.ReadCloser, error) {
	if err := checkRegular(d.at(name)); err != nil {
		return nil, err
	}
	return os.Open(d.at(name))
}

func (d osFiles) Rename(from, to string) error { return os.Rename(d.at(from), d.at(to)) }
func (d osFiles) Link(from, to string) error   { return os.Link(d.at(from), d.at(to)) }
func (d osFiles) Remove(name string) error     { return os.Remove(d.at(name)) }

// checkRegular returns an error for what is there and is not a regular file, such as a pipe, a
// device, or a link out of the directory.
func checkRegular(path string) error {
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("it is not a regular file: remove it")}
	}
	return err
}

// List returns the files. What is not a regular file is listed, too: under the name of a
// checkpoint's file it is damage.
func (d osFiles) List() ([]Object, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return nil, err
	}
	var all []Object
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err == nil:
			all = append(all, Object{Name: e.Name(), Size: info.Size()})
		case ignoreMissing(err) != nil:
			return nil, err
		}
	}
	return all, nil
}

// makeDir makes a directory and those above it that are missing. They survive a loss of
// power.
func makeDir(path string) error {
	switch info, err := os.Stat(path); {
	case err == nil && !info.IsDir():
		return &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("it is a file")}
	case err == nil || ignoreMissing(err) != nil:
		return err
	}
	above := filepath.Dir(path)
	if above == path {
		return &fs.PathError{Op: "make", Path: path, Err: fs.ErrNotExist}
	}
	if err := makeDir(above); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	return osFiles(above).Sync()
}
