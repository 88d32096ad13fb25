package access

import (
	"sync"
	"time"
)

const (
	// sessionMost is how long a login of the page is valid.
	sessionMost = 12 * time.Hour
	// sessionsMost is how many logins are valid at once; the oldest ones end for more.
	sessionsMost = 1000
)

// sessions are the logins of the page: cookies that stand for a token. They end with the
// process, with their time, and with their token.
type sessions struct {
	mu   sync.Mutex
	open map[hash]session // by the hash of the cookie's value
}

type session struct {
	token hash
	begun time.Time
}

// begin returns the value of a cookie that stands for a token.
func (s *sessions) begin(token hash) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	var oldest hash
	for h, o := range s.open {
		if now.Sub(o.begun) >= sessionMost {
			delete(s.open, h)
		} else if first, ok := s.open[oldest]; !ok || o.begun.Before(first.begun) {
			oldest = h
		}
	}
	if len(s.open) >= sessionsMost {
		delete(s.open, oldest)
	}
	if s.open == nil {
		s.open = map[hash]session{}
	}
	value := newSecret()
	s.open[hashOf(value)] = session{token, now}
	return value
}

// token returns the token that a cookie's value stands for.
func (s *sessions) token(value string) (hash, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.open[hashOf(value)]
	return o.token, ok && time.Since(o.begun) < sessionMost
}

func (s *sessions) end(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, hashOf(value))
}
