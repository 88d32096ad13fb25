package shadow

import (
	"sync"

	"parallax/diff"
)

// standing is what the comparison has found so far, for any goroutine. The zero value
// has found nothing.
type standing struct {
	mu             sync.Mutex
	roots, cascade int64
	levelHeld      diff.Level
}

func (s *standing) set(d *diff.Differ) {
	roots, cascade := d.Counts()
	held := d.LevelHeld()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roots, s.cascade, s.levelHeld = roots, cascade, held
}

func (s *standing) get() (roots, cascade int64, held diff.Level) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.roots, s.cascade, s.levelHeld
}
