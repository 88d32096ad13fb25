package checkpoint

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Dir is a Storage in a directory. An object is written to a temporary file, synced, moved
// to its name, and the directory is synced.
type Dir struct {
	path  string
	files files
}

// files are the operations of a file system on one directory.
type files interface {
	// Create makes an empty file, in place of one of that name.
	Create(name string) (file, error)
	Open(name string) (io.ReadCloser, error)
	Rename(from, to string) error
	// Link gives a file a second name; the error is fs.ErrExist if the name is taken.
	Link(from, to string) error
	Remove(name string) error
	List() ([]Object, error)
	// Sync makes names last.
	Sync() error
	Free() (int64, error)
}

// file is a file that is being written.
type file interface {
	io.WriteCloser
	Sync() error
}

// OpenDir returns the Storage in a directory, which it makes if it is missing.
func OpenDir(path string) (*Dir, error) {
	if err := makeDir(path); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return ReadDir(path), nil
}

// ReadDir returns the Storage in a directory that exists, to be read.
func ReadDir(path string) *Dir { return &Dir{path: path, files: osFiles(path)} }

// Location is the path of an object, or of the directory itself if name is empty.
func (d *Dir) Location(name string) string { return filepath.Join(d.path, name) }

// Free returns the number of bytes that are free for this user.
func (d *Dir) Free() (int64, error) { return d.files.Free() }

// Put stores what r reads.
func (d *Dir) Put(name string, r io.Reader) error {
	return d.store(name, r, func(temporary string) error { return d.files.Rename(temporary, name) })
}

// Create stores data if there is no such object.
func (d *Dir) Create(name string, data []byte) error {
	return d.store(name, bytes.NewReader(data), func(temporary string) error {
		err := d.files.Link(temporary, name)
		if err == nil {
			return d.files.Remove(temporary)
		}
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		// The file system has no links.
		switch f, err := d.files.Open(name); {
		case err == nil:
			f.Close()
			return &fs.PathError{Op: "create", Path: d.Location(name), Err: fs.ErrExist}
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		return d.files.Rename(temporary, name)
	})
}

// store writes a temporary file, which publish gives its name.
func (d *Dir) store(name string, r io.Reader, publish func(temporary string) error) error {
	if err := d.checkName(name); err != nil {
		return err
	}
	temporary := name + temporarySuffix
	err := d.write(temporary, r)
	if err == nil {
		err = publish(temporary)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(d.files.Remove(temporary)))
	}
	return d.files.Sync()
}

// write writes a file and syncs it.
func (d *Dir) write(name string, r io.Reader) error {
	f, err := d.files.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	return cmp.Or(err, f.Close())
}

// Get opens an object.
func (d *Dir) Get(name string) (io.ReadCloser, error) {
	if err := d.checkName(name); err != nil {
		return nil, err
	}
	return d.files.Open(name)
}

// List returns the files whose names begin with prefix, those that Put and Create have not
// finished included.
func (d *Dir) List(prefix string) ([]Object, error) {
	all, err := d.files.List()
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(o Object) bool { return !strings.HasPrefix(o.Name, prefix) })
	slices.SortFunc(all, func(a, b Object) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Delete removes a file.
func (d *Dir) Delete(name string) error {
	if err := d.checkName(name); err != nil {
		return err
	}
	if err := d.files.Remove(name); err != nil {
		return ignoreMissing(err)
	}
	return d.files.Sync()
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)

// checkName refuses names that could lead out of the directory.
func (d *Dir) checkName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("state directory %s: %q is not the name of an object", d.path, name)
	}
	return nil
}
