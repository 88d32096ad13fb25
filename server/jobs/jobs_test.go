package jobs_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/gate"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/shadow/job"
)

const fileOf = `job: NAME
kafka: {brokers: [localhost:9092], group: NAME}
sql: |
  CREATE STREAM s (k STRING KEY, x INT) WITH (kafka_topic='s', value_format='JSON');
  CREATE TABLE o WITH (kafka_topic='o') AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;
`

func file(name string) string { return strings.ReplaceAll(fileOf, "NAME", name) }

// fakeRun is a run that does what the test says.
type fakeRun struct {
	stop chan error // ends it
	// ready is why it is not ready.
	mu    sync.Mutex
	why   error
	hangs bool // it does not end with ctx
	panic bool
	// refuses is why it does not take a changed file; took are the files that it has taken.
	refuses error
	took    []*config.Loaded
}

func (r *fakeRun) Change(_ context.Context, l *config.Loaded) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuses == nil {
		r.took = append(r.took, l)
	}
	return r.refuses
}

func (r *fakeRun) changes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.took)
}

func (r *fakeRun) Run(ctx context.Context) (*job.Result, error) {
	if r.panic {
		panic("V1 is broken")
	}
	over := ctx.Done()
	if r.hangs {
		over = nil
	}
	select {
	case <-over:
		return nil, nil
	case err := <-r.stop:
		return nil, err
	}
}

func (r *fakeRun) Ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.why
}

func (r *fakeRun) waits(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.why = why
}

// world is a server with fake runs in a synctest bubble.
type world struct {
	t      *testing.T
	opt    jobs.Options
	server *jobs.Server
	cancel context.CancelFunc
	ended  chan error

	mu   sync.Mutex
	runs map[string][]*fakeRun
	// next prepares the next run of a job; nil for one that runs until it is stopped.
	next func(name string, r *fakeRun)
}

var rule = diff.Rule{Column: "n", Absolute: 1, Owner: "us", Reason: "x", Expires: "2999-01-01", MaxRate: 0.5}

var ann = resource.Actor{Name: "ann", Role: resource.Deploy}

func newWorld(t *testing.T, files ...string) *world {
	t.Helper()
	w := &world{t: t, runs: map[string][]*fakeRun{}}
	w.opt = jobs.Options{Folder: t.TempDir(), Data: filepath.Join(t.TempDir(), "data"), Load: w.load, MaxJobs: 5}
	for _, name := range files {
		w.write(name, file(name))
	}
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.opt.Folder, name+".yaml") }

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) load(l *config.Loaded, _ []gate.Acceptance) (jobs.Run, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &fakeRun{stop: make(chan error, 1)}
	if w.next != nil {
		w.next(l.Job.Name, r)
	}
	w.runs[l.Job.Name] = append(w.runs[l.Job.Name], r)
	return r, nil
}

// start starts the server.
func (w *world) start() {
	w.t.Helper()
	var err error
	if w.server, err = jobs.New(w.opt); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	w.cancel, w.ended = cancel, make(chan error, 1)
	go func() { w.ended <- w.server.Run(ctx) }()
	w.pass(time.Second)
}

// stop stops the server.
func (w *world) stop() error {
	w.cancel()
	return <-w.ended
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) do(name string, a resource.Action) {
	w.t.Helper()
	if _, err := w.server.Do(ann, name, a); err != nil {
		w.t.Fatal(err)
	}
	w.pass(time.Second)
}

// is checks a job's state.
func (w *world) is(name string, want resource.State) jobs.Status {
	w.t.Helper()
	st, err := w.server.Job(name)
	if err != nil || st.State != want {
		w.t.Errorf("%s is %s (%s), %v, want %s", name, st.State, st.Reason, err, want)
	}
	return st
}

// begun checks how many runs of a job were begun, and returns the newest one.
func (w *world) begun(name string, want int) *fakeRun {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.runs[name]); n != want {
		w.t.Fatalf("%d runs of %s were begun, want %d", n, name, want)
	}
	return w.runs[name][want-1]
}

func TestAJobGoesThroughItsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.next = func(_ string, r *fakeRun) { r.why = errors.New("waiting for the consumer group's assignment") }
		w.start()
		if st := w.is("a", resource.Waiting); !strings.Contains(st.Reason, "assignment") {
			t.Errorf("it waits for %q", st.Reason)
		}
		w.begun("a", 1).waits(nil)
		w.pass(time.Second)
		w.is("a", resource.Running)
		w.do("a", resource.Pause)
		w.is("a", resource.Paused)
		w.do("a", resource.Resume)
		w.begun("a", 2).waits(nil)
		w.do("a", resource.Restart)
		w.begun("a", 3)
		w.do("a", resource.Stop)
		w.is("a", resource.Stopped)
		w.pass(time.Hour)
		w.begun("a", 3)
		w.do("a", resource.Restart)
		w.begun("a", 4)
		w.do("a", resource.Remove)
		if _, err := w.server.Job("a"); err == nil {
			t.Error("it is still there")
		}
		w.pass(time.Hour)
		w.begun("a", 4)
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestAnAnswerHasTheStateThatFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a", "failing")
		w.next = func(name string, r *fakeRun) {
			if name == "failing" {
				r.stop <- errors.New("no brokers")
			}
		}
		w.start()
		for i, step := range []struct {
			job          string
			action       resource.Action
			answer, then resource.State
		}{
			{"a", resource.Pause, resource.Draining, resource.Paused},
			{"a", resource.Stop, resource.Stopped, resource.Stopped},
			{"a", resource.Pause, resource.Paused, resource.Paused},
			{"a", resource.Resume, resource.Starting, resource.Running},
			{"a", resource.Resume, resource.Running, resource.Running},
			{"a", resource.Restart, resource.Draining, resource.Running},
			{"a", resource.Stop, resource.Draining, resource.Stopped},
			{"a", resource.Restart, resource.Starting, resource.Running},
			{"failing", resource.Pause, resource.Paused, resource.Paused},
			{"failing", resource.Resume, resource.Starting, resource.Failed},
			{"a", resource.Remove, resource.Draining, ""},
			{"failing", resource.Remove, resource.Stopped, ""},
		} {
			st, err := w.server.Do(ann, step.job, step.action)
			if err != nil || st.State != step.answer {
				t.Errorf("step %d: the answer to %s is %s, %v, want %s", i, step.action, st.State, err, step.answer)
			}
			w.pass(500 * time.Millisecond)
			if step.then != "" {
				w.is(step.job, step.then)
			}
		}
		_ = w.stop()
	})
}

func TestWhatWasAskedForSurvivesARestartOfTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "paused", "stopped", "removed", "running")
		w.start()
		if _, err := w.server.Put(ann, "deployed", []byte(file("deployed")), false); err != nil {
			t.Fatal(err)
		}
		w.do("paused", resource.Pause)
		w.do("stopped", resource.Stop)
		w.do("removed", resource.Remove)
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		w.runs = map[string][]*fakeRun{}
		w.start()
		w.is("paused", resource.Paused)
		w.is("stopped", resource.Stopped)
		w.is("running", resource.Running)
		w.is("deployed", resource.Running)
		if _, err := w.server.Job("removed"); err == nil {
			t.Error("a job that was removed is there again")
		}
		w.write("removed", file("removed")+"late: drop\n")
		w.pass(5 * time.Second)
		w.is("removed", resource.Running) // its file has changed
		w.do("deployed", resource.Remove)
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		w.start()
		if _, err := w.server.Job("deployed"); err == nil {
			t.Error("a job that was removed is there again")
		}
		_ = w.stop()
	})
}

func TestAJobThatFailsIsRestartedLaterAndLaterAndNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a", "other")
		w.opt.MaxRestarts = 4
		w.next = func(name string, r *fakeRun) {
			if name == "a" {
				r.stop <- errors.New("the broker refused it")
			}
		}
		began := time.Now()
		w.start()
		var at []time.Duration
		for n := 1; n < 5; n++ {
			for {
				w.mu.Lock()
				runs := len(w.runs["a"])
				w.mu.Unlock()
				if runs > n {
					break
				}
				w.pass(100 * time.Millisecond)
			}
			at = append(at, time.Since(began).Round(time.Second))
		}
		if at[0] != 1*time.Second || at[1] != 3*time.Second || at[2] != 7*time.Second || at[3] != 15*time.Second {
			t.Errorf("restarted after %v", at)
		}
		w.pass(time.Hour)
		w.begun("a", 5)
		if st := w.is("a", resource.Failed); !strings.Contains(st.Reason, "the broker refused it; it failed 5 times") && !strings.Contains(st.Reason, "is not started again") {
			t.Errorf("%s", st.Reason)
		}
		w.is("other", resource.Running)
		w.next = nil
		w.do("a", resource.Resume)
		w.is("a", resource.Running)
		_ = w.stop()
	})
}

func TestAPanicOfAJobIsAFailureOfThatJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a", "other")
		w.next = func(name string, r *fakeRun) { r.panic = name == "a" }
		w.start()
		if st := w.is("a", resource.Failed); !strings.Contains(st.Reason, "V1 is broken") {
			t.Error(st.Reason)
		}
		w.is("other", resource.Running)
		_ = w.stop()
	})
}

func TestAJobThatDoesNotStopDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "hung", "a", "b")
		w.next = func(name string, r *fakeRun) { r.hangs = name == "hung" }
		w.start()
		w.do("hung", resource.Pause)
		w.is("hung", resource.Draining)
		w.do("a", resource.Pause)
		w.is("a", resource.Paused)
		began := time.Now()
		err := w.stop()
		if err == nil || !strings.Contains(err.Error(), "jobs hung did not stop within 30s") || time.Since(began) != 30*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		w.begun("hung", 1).stop <- nil
	})
}

func TestAPauseThatIsTakenBackWhileTheJobDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.next = func(_ string, r *fakeRun) { r.hangs = true }
		w.start()
		w.do("a", resource.Pause)
		w.do("a", resource.Resume)
		w.is("a", resource.Draining)
		w.next = nil
		w.begun("a", 1).stop <- nil
		w.pass(time.Second)
		w.is("a", resource.Running)
		w.begun("a", 2)
		_ = w.stop()
	})
}

func TestAJobThatIsStoppedBeforeItHasBegunHasNotFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.next = func(_ string, r *fakeRun) { r.why, r.hangs = errors.New("waiting"), true }
		w.start()
		w.do("a", resource.Pause)
		w.begun("a", 1).stop <- errors.New("the job was stopped before the consumer group assigned it the topic-partitions")
		w.pass(time.Second)
		if st := w.is("a", resource.Paused); st.Reason != "" {
			t.Error(st.Reason)
		}
		_ = w.stop()
	})
}

func TestAJobThatIsDeployedWhileTheServerStartsRunsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var err error
		if w.server, err = jobs.New(w.opt); err != nil {
			t.Fatal(err)
		}
		if _, err := w.server.Put(ann, "a", []byte(file("a")), false); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		w.cancel, w.ended = cancel, make(chan error, 1)
		go func() { w.ended <- w.server.Run(ctx) }()
		w.pass(time.Minute)
		w.begun("a", 1)
		_ = w.stop()
	})
}

func TestABoundedJobThatEndsStaysStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.start()
		w.begun("a", 1).stop <- nil
		w.pass(time.Hour)
		w.is("a", resource.Stopped)
		w.begun("a", 1)
		w.do("a", resource.Restart)
		w.begun("a", 2)
		_ = w.stop()
	})
}

func TestABrokenFileChangesNothingAndIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.start()
		w.write("a", strings.Replace(file("a"), "COUNT(*)", "COUNTS(*)", 1))
		w.write("new", "job: [")
		w.pass(5 * time.Second)
		if st := w.is("a", resource.Running); !strings.Contains(st.FileError, "COUNTS") {
			t.Errorf("its file error is %q", st.FileError)
		}
		w.begun("a", 1)
		if r := w.server.RefusedFiles(); len(r) != 1 || r[0].Path != w.path("new") || !strings.Contains(r[0].Reason, "not valid YAML") {
			t.Errorf("%+v", r)
		}
		w.write("a", file("a"))
		w.write("new", file("new"))
		w.pass(5 * time.Second)
		if st := w.is("a", resource.Running); st.FileError != "" {
			t.Errorf("its file error is %q", st.FileError)
		}
		w.begun("a", 1) // the file is the one in force
		w.is("new", resource.Running)
		if r := w.server.RefusedFiles(); len(r) != 0 {
			t.Errorf("%+v", r)
		}
		if err := os.Remove(w.path("new")); err != nil {
			t.Fatal(err)
		}
		w.pass(10 * time.Second)
		if _, err := w.server.Job("new"); err == nil {
			t.Error("the job of a file that was deleted is there")
		}
		_ = w.stop()
	})
}

// A file that is broken while the server is down has the same effect as one that is broken while it
// runs: its job goes on by the file before, under its own name.
func TestAFileThatIsBrokenWhileTheServerIsDownKeepsItsJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.write("file", file("job"))
		w.start()
		_ = w.stop()
		w.write("file", strings.Replace(file("job"), "COUNT(*)", "COUNTS(*)", 1))
		for range 2 { // also at the start after that
			w.start()
			if st := w.is("job", resource.Running); !strings.Contains(st.FileError, "COUNTS") || st.Spec.File != w.path("file") {
				t.Errorf("its file is %s, and the error %q", st.Spec.File, st.FileError)
			}
			if r := w.server.RefusedFiles(); len(r) != 0 {
				t.Errorf("%+v", r)
			}
			_ = w.stop()
		}
		w.start()
		w.write("file", file("job")+"gate: {min_records: 7}\n")
		w.pass(5 * time.Second)
		if st := w.is("job", resource.Running); st.FileError != "" || st.Spec.Loaded.Job.Gate.MinRecords != 7 {
			t.Errorf("corrected, it has %d records, and the error %q", st.Spec.Loaded.Job.Gate.MinRecords, st.FileError)
		}
		w.do("job", resource.Remove)
		w.pass(time.Second)
		_ = w.stop()
		w.write("file", "job: [")
		w.start()
		if r := w.server.RefusedFiles(); len(w.server.Jobs()) != 0 || len(r) != 1 || r[0].Job != "job" {
			t.Errorf("a removed job is there again, or is not named: %+v", r)
		}
		_ = w.stop()
	})
}

func TestThereAreAsManyJobsAsAreAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a", "b", "c", "d", "e", "f")
		w.start()
		if r := w.server.RefusedFiles(); len(r) != 1 || !strings.Contains(r[0].Reason, "there are 5 jobs already, as many as --max-jobs allows") {
			t.Errorf("%+v", r)
		}
		for _, isDryRun := range []bool{true, false} {
			_, err := w.server.Put(ann, "g", []byte(file("g")), isDryRun)
			if p, ok := errors.AsType[*resource.Problem](err); !ok || p.Status != 409 {
				t.Errorf("dry run %v: %v", isDryRun, err)
			}
		}
		_ = w.stop()
		w.start() // nothing of it was kept
		if _, err := w.server.Job("g"); err == nil {
			t.Error("a job that was refused is there")
		}
		_ = w.stop()
	})
}

func TestADeployedFileStaysInItsFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "folder")
		w.start()
		for _, c := range []struct{ name, text, want string }{
			{"a", file("b"), `the file is of job "b", and was deployed as job "a"`},
			{"a", file("a") + "state: {dir: ../../x}\n", "state.dir: ../../x must be below the job's own folder"},
			{"a", file("a") + "evidence: {dir: /tmp}\n", "evidence.dir: /tmp must be below"},
			{"a", "job: a\nkafka: {brokers: [a:1], group: g}\nsql_file: /etc/passwd\n", "sql_file: a job that is deployed through the API has its script in sql"},
			{"folder", file("folder") + "late: drop\n", "comes from"},
			{"a", "job: a\n", "set one of sql and sql_file"},
		} {
			_, err := w.server.Put(ann, c.name, []byte(c.text), false)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		}
		if _, err := w.server.Put(ann, "../a", []byte(strings.Replace(file("a"), "job: a", "job: ../a", 1)), false); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(w.opt.Data, "a")); err == nil {
			t.Error("a job's name has left the folder")
		}
		_ = w.stop()
	})
}

func TestTwoServersDoNotShareADataFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		if _, err := jobs.New(w.opt); err == nil || !strings.Contains(err.Error(), "is used by another server") {
			t.Error(err)
		}
		_ = w.stop()
		w.start()
		_ = w.stop()
	})
}
