package checkpoint

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// processEnv makes the test binary another process: what it does, a space, and a directory.
const processEnv = "CHECKPOINT_TEST_PROCESS"

// processes are what another process may do until it is killed or its input ends.
var processes = map[string]func(path string) error{
	"lock": func(path string) error {
		l, err := LockDir(path)
		if err != nil {
			return err
		}
		fmt.Println("locked")
		_, _ = io.Copy(io.Discard, os.Stdin)
		return l.Release()
	},
	"write": func(path string) error {
		dir, err := OpenDir(path)
		if err != nil {
			return err
		}
		w, err := NewWriter(dir, codecs(2), Options{Keep: 2})
		for position := w.number; err == nil; {
			position++
			if _, err = write(w, 1, position); err == nil {
				fmt.Println(position)
			}
		}
		return err
	},
}

func TestMain(m *testing.M) {
	does, path, ok := strings.Cut(os.Getenv(processEnv), " ")
	if !ok {
		os.Exit(m.Run())
	}
	if err := processes[does](path); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// start starts another process, which ends with the test at the latest.
func start(t *testing.T, does, path string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), processEnv+"="+does+" "+path)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c, bufio.NewReader(out)
}

// TestAProcessThatIsKilledLeavesAWholeCheckpoint kills processes that write one checkpoint
// after the other, wherever they are, and looks for the last one that they said was written.
func TestAProcessThatIsKilledLeavesAWholeCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	said := int64(0)
	for round := range 10 {
		c, out := start(t, "write", path)
		for range 1 + round%3 {
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
		dir := ReadDir(path)
		choice, err := Choose(t.Context(), dir, want(1, 1<<40), codecs(2))
		if err != nil || len(choice.Damaged) > 0 || choice.Manifest.Place.Position < said {
			t.Fatalf("round %d: %+v, %v, want position %d or later", round, choice, err, said)
		}
		got, err := Restore(t.Context(), dir, choice.Manifest, codecs(2))
		if err != nil || !reflect.DeepEqual(got.Queries, stagesAt(choice.Manifest.Place.Position)) {
			t.Fatalf("round %d: the state is another one, %v", round, err)
		}
	}
}
