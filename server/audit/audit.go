// Package audit keeps the audit of a job server: each requested change and
// its result, in a file to which lines are only appended.
//
// Stability: ours.
package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"parallax/server/resource"
)

// Log is an audit: a file with a JSON object for each entry. It is safe for concurrent use.
type Log struct {
	path string

	mu   sync.Mutex
	file *os.File
	next int64 // the ID of the next entry
}

// mostLine is how long a line may be.
const mostLine = 1 << 20

// Open opens the audit in a file, which it creates. A line that was cut short, because the
// machine stopped while it was written, stays as it is and is not shown.
func Open(path string) (*Log, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	l := &Log{path: path, next: 1}
	err := l.visit(func(e resource.AuditEntry) {
		if n, err := strconv.ParseInt(e.ID, 10, 64); err == nil && n >= l.next {
			l.next = n + 1
		}
	})
	if err != nil {
		return nil, err
	}
	if l.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if err := l.endLine(); err != nil {
		return nil, errors.Join(fmt.Errorf("audit: %w", err), l.file.Close())
	}
	return l, nil
}

// endLine ends a line that was cut short.
func (l *Log) endLine() error {
	size, err := l.file.Seek(0, io.SeekEnd)
	if size == 0 || err != nil {
		return err
	}
	last := make([]byte, 1)
	if _, err := l.file.ReadAt(last, size-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = l.file.WriteString("\n")
	return err
}

// Close closes the file.
func (l *Log) Close() error { return l.file.Close() }

// Append adds an entry, and returns it with its ID and time. It is on the disk when Append
// returns without an error.
func (l *Log) Append(e resource.AuditEntry) (resource.AuditEntry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.ID = strconv.FormatInt(l.next, 10)
	if e.At.IsZero() {
		e.At = time.Now()
	}
	e.At = e.At.UTC().Round(time.Millisecond)
	line, err := json.Marshal(e)
	if err == nil && len(line) >= mostLine {
		err = fmt.Errorf("an entry has %d bytes, and may have %d", len(line), mostLine)
	}
	if err != nil {
		return e, fmt.Errorf("audit: %w", err)
	}
	_, err = l.file.Write(append(line, '\n'))
	if err := errors.Join(err, l.file.Sync()); err != nil {
		return e, fmt.Errorf("audit: %w", err)
	}
	l.next++
	return e, nil
}

// visit calls f with each entry, the oldest first.
func (l *Log) visit(f func(resource.AuditEntry)) error {
	file, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, mostLine+1)
	for lines.Scan() {
		var e resource.AuditEntry
		if json.Unmarshal(bytes.TrimSpace(lines.Bytes()), &e) == nil && e.ID != "" {
			f(e)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("audit %s: %w", l.path, err)
	}
	return nil
}

// Read returns entries, the newest first: those of a job, or all if it is "", that are older
// than the one with the ID after, if there is one.
func (l *Log) Read(job, after string, limit int) (resource.Page[resource.AuditEntry], error) {
	page := resource.Page[resource.AuditEntry]{Items: []resource.AuditEntry{}}
	before, err := l.before(after)
	if err != nil {
		return page, err
	}
	err = l.visit(func(e resource.AuditEntry) {
		n, _ := strconv.ParseInt(e.ID, 10, 64)
		if (job == "" || e.Job == job) && n < before {
			page.Items = append(page.Items, e)
			if len(page.Items) > 2*(limit+1) { // only the newest are wanted
				page.Items = slices.Delete(page.Items, 0, len(page.Items)-limit-1)
			}
		}
	})
	slices.Reverse(page.Items)
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = page.Items[limit-1].ID
	}
	return page, err
}

// before is the number of the entry with an ID; for "" it is greater than all.
func (l *Log) before(id string) (int64, error) {
	if id == "" {
		return math.MaxInt64, nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil || n < 1 || n >= l.next || strconv.FormatInt(n, 10) != id {
		return 0, resource.NewProblem(http.StatusBadRequest, "No such entry", fmt.Sprintf("after: %q is not the ID of an entry of the audit", id), "use what the page before had in next")
	}
	return n, nil
}
