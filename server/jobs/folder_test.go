//go:build unix

package jobs_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"parallax/server/resource"
)

func TestARenamedFileKeepsItsJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.start()
		text, err := os.ReadFile(w.path("a"))
		if err == nil {
			err = os.Rename(w.path("a"), w.path("b"))
		}
		if err != nil {
			t.Fatal(err)
		}
		w.pass(20 * time.Second)
		if st := w.is("a", resource.Running); st.Spec.File != w.path("b") {
			t.Errorf("it comes from %s", st.Spec.File)
		}
		if r := w.server.RefusedFiles(); len(r) != 0 {
			t.Errorf("%s: %+v", text, r)
		}
		_ = w.stop()
	})
}

// TestAFileThatIsNoJobFileDelaysNoOther: reading a named pipe waits for its writer.
func TestAFileThatIsNoJobFileDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		if err := syscall.Mkfifo(w.path("pipe"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.write("large", "job: large\n"+strings.Repeat("# \n", 1<<20))
		w.start()
		w.is("a", resource.Running)
		w.write("b", file("b"))
		w.pass(5 * time.Second)
		w.is("b", resource.Running)
		if err := w.server.Ready(); err == nil || !strings.Contains(err.Error(), "not a regular file") || !strings.Contains(err.Error(), "a job file has at most") {
			t.Errorf("the server says %v", err)
		}
		_ = w.stop()
	})
}
