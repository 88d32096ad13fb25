package access

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"parallax/server/resource"
)

// Tokens are the tokens of a file. A changed file is read again at the next use, so that
// deleting a line revokes a token at once. Methods may be called by any goroutine.
type Tokens struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex
	seen    stamp
	entries []entry
}

// stamp tells one content of a file from the next.
type stamp struct {
	at   time.Time
	size int64
}

func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}, err
	}
	return stamp{info.ModTime(), info.Size()}, nil
}

// OpenTokens reads a token file.
func OpenTokens(path string, log *slog.Logger) (*Tokens, error) {
	t := &Tokens{path: path, log: log}
	if err := t.read(); err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	if len(t.entries) == 0 {
		return nil, fmt.Errorf("tokens: %s has no token, so that no client could log in: add one by `parallax token new --role deploy --file %s`", path, path)
	}
	return t, nil
}

func (t *Tokens) read() error {
	seen, err := stampOf(t.path)
	if err != nil || seen == t.seen {
		return err
	}
	text, err := os.ReadFile(t.path)
	if err != nil {
		return err
	}
	t.seen = seen // also if it is broken: it is reported once
	entries, err := parseTokens(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", t.path, err)
	}
	t.entries = entries
	return nil
}

// refresh reads the file again if it has changed. If it is broken, the tokens that are known stay
// valid, and that is logged once for each content of the file. If it is gone, no token is valid.
func (t *Tokens) refresh() {
	before := t.seen
	switch err := t.read(); {
	case errors.Is(err, fs.ErrNotExist):
		if len(t.entries) > 0 {
			t.log.Error("the token file was removed: no token is valid until it is there again", "file", t.path)
		}
		t.entries, t.seen = nil, stamp{}
	case err != nil && t.seen != before:
		t.log.Error("the token file has an error: the tokens from before the change stay valid", "error", err)
	}
}

// actor returns who has a secret with a hash. It takes the same time for every hash.
func (t *Tokens) actor(h hash) (found resource.Actor, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refresh()
	for _, e := range t.entries {
		if subtle.ConstantTimeCompare(e.hash[:], h[:]) == 1 {
			found, ok = e.actor, true
		}
	}
	return found, ok
}
