package jobs_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/state"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/shadow/checkpoint"
)

const base = "processors: {v2: \"v2:4\"}\n"

// storeState stores an empty state of a job, as one that has run has.
func storeState(t *testing.T, w *world, name string) {
	t.Helper()
	st, err := w.server.Job(name)
	if err != nil {
		t.Fatal(err)
	}
	l := st.Spec.Loaded
	p, err := plan.Compile(l.Job.SQL, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	codecs, err := exec.Codecs(p)
	if err != nil {
		t.Fatal(err)
	}
	dir := checkpoint.TaskPath(l.StateDir(), name, "all")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	writer, err := checkpoint.NewWriter(checkpoint.ReadDir(dir), codecs, checkpoint.Options{Keep: 2})
	if err != nil {
		t.Fatal(err)
	}
	m := &checkpoint.Manifest{Job: name, Task: "all", Parts: p.Parts(), Fingerprint: plan.FingerprintOf(p.Parts()), Semantics: exec.Semantics}
	f := &state.Frozen{}
	for range p.Stages {
		f.Stages = append(f.Stages, func(func(state.Entry) bool) {})
	}
	if err := writer.Write(t.Context(), f, m); err != nil {
		t.Fatal(err)
	}
	if err := writer.Publish(m); err != nil {
		t.Fatal(err)
	}
}

func TestAChangeHasTheKindOfItsCostliestKey(t *testing.T) {
	for _, c := range []struct {
		name, change string // old text, a bar, new text; or what is added
		hasState     bool
		want, says   string
	}{
		{"a comment", "# why\n", true, jobs.IsNone, "nothing changes that has an effect"},
		{"the policy", "gate: {min_records: 7}\n", true, jobs.IsPatch, "gate.min_records: 10000 becomes 7"},
		{"the schedule of reports", "reports: {dir: ./reports, schedule: \"17 3 * * *\"}\n", true, jobs.IsPatch, "reports.schedule: (nothing) becomes 17 3 * * *"},
		{"commits", "commit: {interval: 50ms}\n", true, jobs.IsPatch, "commit.interval: 100ms becomes 50ms"},
		{"V2's partitions", "v2:4|v2:8", true, jobs.IsFence, "V2's state moves to the other V2"},
		{"V2's partitions and the policy", "v2:4\"}|v2:8\"}\ngate: {min_records: 7}", true, jobs.IsFence, "processors.v2: v2:4 becomes v2:8"},
		{"V2 off", "v2:4|off", true, jobs.IsFence, "V2 ends between two batches while the job runs"},
		{"V2 off and another state.interval", "v2:4\"}|off\"}\nstate: {interval: 7s}", true, jobs.IsNewRun, "of which nothing is proven yet"},
		{"the required level", "diff: {require_level: E1}\n", true, jobs.IsNewRun, "diff.require_level: E3 becomes E1"},
		{"a rule", "diff: {rules: [{column: n, absolute: 1, owner: us, reason: x, expires: 2999-01-01, max_rate: 0.1}]}\n", true, jobs.IsPatch, "the evidence begins a new run with that batch"},
		{"a rule without stored evidence", "v2:4\"}|v2:4\"}\nevidence: off\ndiff: {rules: [{column: n, absolute: 1, owner: us, reason: x, expires: 2999-01-01, max_rate: 0.1}]}", true, jobs.IsNewRun, "diff.rules"},
		{"state off", "state: off\n", true, jobs.IsRefused, "(state: off): it could not continue"},
		{"a percentage of the keys", "split: {percent: 50}\n", true, jobs.IsNewRun, "split.percent: 100 becomes 50"},
		{"the query", "COUNT(*)|SUM(x)", true, jobs.IsRefused, "deploy the file as a new job"},
		{"the query without state", "COUNT(*)|SUM(x)", false, jobs.IsNewRun, "the job has no stored state"},
		{"the query's layout", "COUNT(*) AS n|COUNT(*)  AS n", true, jobs.IsFence, "sql changes"},
		{"the group", "group: a|group: b", true, jobs.IsRefused, "kafka.group: a becomes b"},
		{"the state's folder", "state: {dir: ./other}\n", true, jobs.IsRefused, "move the folder"},
		{"late records", "late: drop\n", true, jobs.IsNone, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.start()
				text := file("a") + base
				if _, err := w.server.Put(ann, "a", []byte(text), false); err != nil {
					t.Fatal(err)
				}
				w.pass(time.Second)
				if c.hasState {
					storeState(t, w, "a")
				}
				changed := text + c.change
				if old, is, ok := strings.Cut(c.change, "|"); ok {
					changed = strings.Replace(text, old, is, 1)
				}
				dry, err := w.server.Put(ann, "a", []byte(changed), true)
				if err != nil || dry.Change != c.want || !strings.Contains(strings.Join(dry.Says, "; "), c.says) {
					t.Errorf("%+v, %v, want %s: %s", dry, err, c.want, c.says)
				}
				w.pass(time.Second)
				w.begun("a", 1)
				_, err = w.server.Put(ann, "a", []byte(changed), false)
				w.pass(time.Second)
				w.is("a", resource.Running)
				p, isRefused := errors.AsType[*resource.Problem](err)
				if isRefused != (c.want == jobs.IsRefused) || isRefused && (p.Status != 409 || !strings.Contains(p.Do, c.says) && !strings.Contains(p.Detail, c.says)) {
					t.Errorf("applied: %v", err)
				}
				runs := 1
				if strings.Contains(strings.Join(dry.Says, "; "), "the job stops") || c.want == jobs.IsNewRun {
					runs = 2
				}
				if c.want == jobs.IsRefused {
					runs = 1
				}
				r := w.begun("a", runs)
				if isInPlace := (c.want == jobs.IsPatch || c.want == jobs.IsFence) && runs == 1; (r.changes() == 1) != (isInPlace && !slices.Contains([]string{"the policy", "the schedule of reports"}, c.name)) {
					t.Errorf("the run has taken %d changes", r.changes())
				}
				_ = w.stop()
			})
		})
	}
}

func TestAFolderFileThatTheStateDoesNotFitIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.start()
		storeState(t, w, "a")
		w.write("a", strings.Replace(file("a"), "COUNT(*)", "SUM(x)", 1))
		w.pass(5 * time.Second)
		if st := w.is("a", resource.Running); !strings.Contains(st.FileError, "the stored state is that of the query") {
			t.Errorf("its file error is %q", st.FileError)
		}
		w.begun("a", 1)
		_ = w.stop()
	})
}

func TestARuleThatWasAdoptedStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.start()
		if err := w.server.AddRule("a", rule); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
		if r := w.begun("a", 1); r.changes() != 1 {
			t.Errorf("the run has taken %d changes", r.changes())
		}
		w.write("a", file("a")+"gate: {min_records: 7}\n")
		w.pass(5 * time.Second)
		_ = w.stop()
		w.start()
		if l := w.is("a", resource.Running).Spec.Loaded; len(l.Job.Diff.Rules) != 1 || l.Job.Diff.Rules[0] != rule || l.Job.Gate.MinRecords != 7 {
			t.Errorf("%+v", l.Job.Diff.Rules)
		}
		if text, err := os.ReadFile(w.path("a")); err != nil || strings.Contains(string(text), "rules") {
			t.Errorf("the job file was modified: %s, %v", text, err)
		}
		_ = w.stop()
	})
}

func TestDeployingAStoppedJobStartsItAndAPausedOneStaysPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		for name, c := range map[string]struct {
			action resource.Action
			want   resource.State
		}{"s": {resource.Stop, resource.Running}, "p": {resource.Pause, resource.Paused}} {
			if _, err := w.server.Put(ann, name, []byte(file(name)), false); err != nil {
				t.Fatal(err)
			}
			w.do(name, c.action)
			if _, err := w.server.Put(ann, name, []byte(file(name)+"commit: {interval: 50ms}\n"), false); err != nil {
				t.Fatal(err)
			}
			w.pass(time.Second)
			w.is(name, c.want)
		}
		_ = w.stop()
	})
}

// A run that does not take a change is followed by one that begins with it.
func TestAChangeThatTheRunDoesNotTakeRestartsTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "a")
		w.next = func(_ string, r *fakeRun) { r.refuses = errors.New("V2 hangs") }
		w.start()
		w.write("a", file("a")+"commit: {interval: 50ms}\n")
		w.pass(5 * time.Second)
		w.begun("a", 2)
		if st := w.is("a", resource.Running); st.Spec.Loaded.Job.Commit.Interval != 50*time.Millisecond || st.FileError != "" {
			t.Errorf("%v, %s", st.Spec.Loaded.Job.Commit, st.FileError)
		}
		_ = w.stop()
	})
}

// A removed job leaves its state: a new one of the same name continues from it, or could not start.
func TestADryRunKnowsTheStateThatARemovedJobLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		put := func(text string, isDry bool) resource.Change {
			c, err := w.server.Put(ann, "a", []byte(text), isDry)
			if err != nil && !isDry {
				t.Fatal(err)
			}
			return c
		}
		put(file("a"), false)
		w.pass(time.Second)
		storeState(t, w, "a")
		w.do("a", resource.Remove)
		w.pass(time.Second)
		other := strings.Replace(file("a"), "COUNT(*)", "SUM(x)", 1)
		if c := put(other, true); c.Change != jobs.IsRefused || !strings.Contains(strings.Join(c.Says, ";"), "does not fit") {
			t.Errorf("another query: %+v", c)
		}
		if _, err := w.server.Put(ann, "a", []byte(other), false); err == nil {
			t.Error("a job whose state does not fit is deployed")
		}
		_ = w.stop()
	})
}
