package store_test

import (
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"parallax/reports/store"
)

func init() { processes["fill"] = fillDisk }

// spansAfter is how many spans are stored after the disk was full.
const spansAfter = 5

// fillDisk appends spans until files cannot grow, as on a full disk, and says so. Then there is
// room again, and it stores the span that failed and some more. As the Recorder does, it opens the
// store again.
func fillDisk(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	unlimited := limit.Cur
	w, err := store.Open(dir, "job", store.Options{})
	if err != nil {
		return err
	}
	limit.Cur = 300 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	next := int64(0)
	for err == nil {
		if err = w.Append(identity, span(next, next+spanSize)); err == nil {
			next += spanSize
		}
	}
	fmt.Printf("%d %v\n", next, err)
	limit.Cur = unlimited
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	_ = w.Close()
	if w, err = store.Open(dir, "job", store.Options{}); err != nil {
		return err
	}
	for range spansAfter {
		if err == nil {
			err = w.Append(identity, span(next, next+spanSize))
		}
		next += spanSize
	}
	err = errors.Join(err, w.Close())
	fmt.Println(next, err)
	return err
}

// TestAFullDiskLeavesNoPartOfASpan: what was stored before is whole, a reader can read it, and the
// run continues without a hole once there is room.
func TestAFullDiskLeavesNoPartOfASpan(t *testing.T) {
	dir := t.TempDir()
	_, out := process(t, "fill", dir)
	said := func() (next int64, text string) {
		t.Helper()
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatalf("%q, %v", line, err)
		}
		if _, err := fmt.Sscanf(line, "%d", &next); err != nil {
			t.Fatalf("the process says %q", line)
		}
		return next, line
	}
	full, text := said()
	if full == 0 || !strings.Contains(text, "evidence store "+store.Path(dir, "job")) {
		t.Errorf("the process says %q", text)
	}
	all, text := said()
	if all != full+spansAfter*spanSize || !strings.Contains(text, "<nil>") {
		t.Fatalf("the process says %q", text)
	}
	if s := stretch(t, reader(t, dir)); s.From != 0 || s.To != all || s.Ledger.Compared != all || len(s.Missing) != 0 {
		t.Errorf("%d records compared from %d to %d, missing %v; want %d", s.Ledger.Compared, s.From, s.To, s.Missing, all)
	}
}
