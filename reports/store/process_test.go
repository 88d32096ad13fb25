package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"parallax/reports/store"
)

// processEnv makes the test binary another process: what it does, a space, and a directory.
const processEnv = "STORE_TEST_PROCESS"

// processes are what another process may do until it is killed or has done it. It writes lines.
var processes = map[string]func(dir string) error{"append": appendUntilKilled}

func TestMain(m *testing.M) {
	does, dir, ok := strings.Cut(os.Getenv(processEnv), " ")
	if !ok {
		os.Exit(m.Run())
	}
	if err := processes[does](dir); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// process starts another process, which ends with the test at the latest.
func process(t *testing.T, does, dir string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), processEnv+"="+does+" "+dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c, bufio.NewReader(out)
}

// spanSize is how many positions a span of a process has.
const spanSize = 10

// appendUntilKilled appends one span after the other, from where the store ends, and says after
// each to which position the evidence is stored.
func appendUntilKilled(dir string) error {
	w, err := store.Open(dir, "job", store.Options{})
	if err != nil {
		return err
	}
	next, err := end(dir)
	for err == nil {
		if err = w.Append(identity, span(next, next+spanSize)); err == nil {
			next += spanSize
			fmt.Println(next)
		}
	}
	return errors.Join(err, w.Close())
}

// end is the position after the evidence that is stored.
func end(dir string) (position int64, err error) {
	r, err := store.OpenReader(dir, "job")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	runs, err := r.Runs()
	if err == nil && len(runs) > 0 {
		position = runs[len(runs)-1].To
	}
	return position, err
}

// TestAProcessThatIsKilledLeavesWholeSpans kills processes that write spans, wherever they are. What
// they said was stored is there, whole and once, and the next process continues the run.
func TestAProcessThatIsKilledLeavesWholeSpans(t *testing.T) {
	dir := t.TempDir()
	for round := range 8 {
		c, out := process(t, "append", dir)
		said := int64(0)
		for range 1 + round%4 {
			line, err := out.ReadString('\n')
			if err != nil {
				t.Fatalf("round %d: the process says %q, %v", round, line, err)
			}
			if said, err = strconv.ParseInt(strings.TrimSpace(line), 10, 64); err != nil {
				t.Fatalf("round %d: the process says %q", round, line)
			}
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		r, err := store.OpenReader(dir, "job")
		if err != nil {
			t.Fatal(err)
		}
		runs, err := r.Runs()
		s := stretch(t, r)
		if err := errors.Join(err, r.Close()); err != nil || len(runs) != 1 {
			t.Fatalf("round %d: %d runs, %v", round, len(runs), err)
		}
		if s.From != 0 || s.To < said || s.To%spanSize != 0 || s.Ledger.Compared != s.To || len(s.Missing) != 0 || len(s.Interruptions) != 0 {
			t.Fatalf("round %d: %d records compared from %d to %d, missing %v, interruptions %v; the process said %d",
				round, s.Ledger.Compared, s.From, s.To, s.Missing, s.Interruptions, said)
		}
	}
}
