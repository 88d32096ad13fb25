package checkpoint

import "io"

// Storage keeps named objects. One process at a time writes to it; others may read.
//
// Names consist of lower-case letters, digits, points and hyphens.
type Storage interface {
	// Put stores what r reads, in place of an object of that name. When it returns nil,
	// the object survives a loss of power. After an error the object is there whole, or
	// is as it was before. It returns an error of r as it is or wrapped.
	Put(name string, r io.Reader) error
	// Create stores data like Put, but only if there is no object of that name: else the
	// error is fs.ErrExist.
	Create(name string, data []byte) error
	// Get opens an object; the error is fs.ErrNotExist if there is none.
	Get(name string) (io.ReadCloser, error)
	// List returns the objects whose names begin with prefix, ordered by name.
	List(prefix string) ([]Object, error)
	// Delete removes an object. It is not an error if there is none.
	Delete(name string) error
}

// Object describes an object that List found.
type Object struct {
	Name string
	Size int64
}

// spaceLimited is a Storage that knows how much more it can take.
type spaceLimited interface {
	// Free returns the number of bytes that are free.
	Free() (int64, error)
}

// located is a Storage that can say where it is, for messages.
type located interface {
	Location(name string) string
}

// locationOf returns the name of an object in messages.
func locationOf(s Storage, name string) string {
	if l, ok := s.(located); ok {
		return l.Location(name)
	}
	return name
}
