package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"slices"
)

// disk is a directory in memory that fails, or whose process dies, at a chosen step.
type disk struct {
	names map[string]*inode // what the process sees
	kept  map[string]*inode // what a loss of power leaves
	free  int64

	failAt, steps int     // the step that fails, counted from 1; 0 is none
	how           failure // how it fails
	failedAt      string  // the step, in words
	isDead        bool
}

type inode struct{ data, synced []byte }

// failure is how a step fails.
type failure struct {
	name string
	// err is what the step returns; errDead is the process' end.
	err error
	// done is how much of the step has happened: 0, half of it, or all.
	done float64
}

var errDead = errors.New("the process was killed")

func newDisk() *disk {
	return &disk{names: map[string]*inode{}, kept: map[string]*inode{}, free: math.MaxInt64}
}

// step does a step, unless it is the one that fails. do is told how much to do.
func (d *disk) step(what string, do func(part float64) error) error {
	if d.isDead {
		return errDead
	}
	if d.steps++; d.steps != d.failAt {
		return do(1)
	}
	d.failedAt = what
	if d.how.done > 0 {
		if err := do(d.how.done); err != nil {
			return err
		}
	}
	d.isDead = errors.Is(d.how.err, errDead)
	return d.how.err
}

// whole does all of a step that cannot be done by half, and nothing for half of it.
func whole(do func() error) func(float64) error {
	return func(part float64) error {
		if part < 1 {
			return nil
		}
		return do()
	}
}

func (d *disk) Create(name string) (file, error) {
	f := &diskFile{d, name, &inode{}}
	err := d.step("create "+name, whole(func() error { d.names[name] = f.inode; return nil }))
	return f, err
}

func (d *disk) Open(name string) (io.ReadCloser, error) {
	n, ok := d.names[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return io.NopCloser(bytes.NewReader(slices.Clone(n.data))), nil
}

func (d *disk) Rename(from, to string) error {
	return d.step("rename "+from, whole(func() error {
		d.names[to] = d.names[from]
		delete(d.names, from)
		return nil
	}))
}

func (d *disk) Link(from, to string) error {
	return d.step("link "+to, whole(func() error {
		if _, ok := d.names[to]; ok {
			return fs.ErrExist
		}
		d.names[to] = d.names[from]
		return nil
	}))
}

func (d *disk) Remove(name string) error {
	if _, ok := d.names[name]; !ok {
		return fs.ErrNotExist
	}
	return d.step("remove "+name, whole(func() error { delete(d.names, name); return nil }))
}

func (d *disk) List() (all []Object, err error) {
	for name, n := range d.names {
		all = append(all, Object{name, int64(len(n.data))})
	}
	return all, nil
}

func (d *disk) Sync() error {
	return d.step("sync the directory", whole(func() error { d.kept = maps.Clone(d.names); return nil }))
}

func (d *disk) Free() (int64, error) { return d.free, nil }

type diskFile struct {
	d    *disk
	name string
	*inode
}

func (f *diskFile) Write(p []byte) (int, error) {
	err := f.d.step("write "+f.name, func(part float64) error {
		f.data = append(f.data, p[:int(float64(len(p))*part)]...)
		return nil
	})
	return len(p), err
}

func (f *diskFile) Sync() error {
	return f.d.step("sync "+f.name, whole(func() error { f.synced = slices.Clone(f.data); return nil }))
}

func (f *diskFile) Close() error { return nil }

// survivor is what the next process finds on a disk.
type survivor struct {
	name string
	of   func(*disk) *disk
}

var survivors = []survivor{
	{"the process ended", func(d *disk) *disk { return d.next(d.names, func(n *inode) []byte { return n.data }) }},
	{"power was lost: what was not synced is missing", func(d *disk) *disk { return d.next(d.kept, func(n *inode) []byte { return n.synced }) }},
	{"power was lost: names are there, contents are missing", func(d *disk) *disk { return d.next(d.names, func(n *inode) []byte { return n.synced }) }},
}

// copy returns a disk with the same files.
func (d *disk) copy() *disk { return survivors[0].of(d) }

func (d *disk) next(names map[string]*inode, content func(*inode) []byte) *disk {
	n := newDisk()
	for name, i := range names {
		data := slices.Clone(content(i))
		n.names[name] = &inode{data, data}
	}
	n.kept = maps.Clone(n.names)
	return n
}

func (d *disk) dir() *Dir { return &Dir{path: "state", files: d} }

func (d *disk) String() string { return fmt.Sprint(slices.Sorted(maps.Keys(d.names))) }
