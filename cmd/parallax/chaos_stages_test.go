package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"parallax/processors/row"
	"parallax/server/resource"
	"parallax/shadow/kafka"
	"parallax/shadow/kafka/journal"
	"parallax/shadow/produce"
	"parallax/shadow/stage"
	"parallax/shadow/workload"
)

var (
	stageKills = flag.Int("chaos.stage-kills", 5, "how often the process of a job that changes its stage is killed, at least")
	stageRate  = flag.Int("chaos.stage-rate", 2000, "records a second that a job reads while it changes its stage")
)

// ladder is the stages that a migrating job is led through, again and again.
var ladder = []string{"canary:5", "canary:25", "promoted", "done", "shadow"}

// TestAJobThatIsKilledWhileItMigratesWritesWhatAnUnbrokenOneWrites leads a job through all stages by
// force, under load, and kills its server after each step or in the middle of it. Where a V2 is
// compared, it fails before the kill, in one way at a time: the job has to come back by itself. Rows
// are compared with those of a job that stayed in shadow, each key's in their order.
func TestAJobThatIsKilledWhileItMigratesWritesWhatAnUnbrokenOneWrites(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		m := newMigrating(t, seeds)
		m.begin(t)
		m.leadAndKill(t)
		m.end(t)
		m.agrees(t)
		m.runUnbroken(t)
		sameOutputByKey(t, readBack(t, seeds, m.name+"-killed-out"), readBack(t, seeds, m.name+"-whole-out"))
		t.Logf("%d records: %v", m.produced.Load(), m.figures)
	})
}

// stageFigures are what happened to a job that was killed while it migrated.
type stageFigures struct {
	Kills, KillsInAStep, Changes, Releases, NotReached int
	// FallBacks are the changes back that the job made by itself, by their cause; Failures are the V2s
	// that failed, by how.
	FallBacks, Failures map[string]int
	// Episodes are the fallback episodes, by when they began.
	Episodes map[time.Time]bool
}

func (f *stageFigures) String() string {
	return fmt.Sprintf("%d changes of stage, %d kills (%d in the middle of a step), back by itself %v, V2s that failed %v, %d fallback episodes, %d steps not reached at once, %d releases",
		f.Changes, f.Kills, f.KillsInAStep, f.FallBacks, f.Failures, len(f.Episodes), f.NotReached, f.Releases)
}

// migrating is a job whose server is killed, and the load on it.
type migrating struct {
	*chaos
	figures  *stageFigures
	produced atomic.Int64
	stopLoad context.CancelFunc
	loaded   chan error
}

func newMigrating(t *testing.T, seeds []string) *migrating {
	c := &chaos{seeds: seeds, name: place(t), rng: rand.New(rand.NewPCG(*chaosSeed, 18)), dir: t.TempDir()}
	c.connect(t)
	for _, which := range []string{"whole", "killed"} {
		keepAll(t, seeds, c.name+"-"+which+"-out", 1)
	}
	return &migrating{chaos: c, figures: &stageFigures{FallBacks: map[string]int{}, Failures: map[string]int{}, Episodes: map[time.Time]bool{}}, loaded: make(chan error, 1)}
}

// paced is a source that hands out so many records a second at most.
type paced struct {
	produce.Source
	tick   *time.Ticker
	each   int // records of a tick
	left   int
	handed *atomic.Int64
	ctx    context.Context
}

const ticksPerSecond = 20

func (p *paced) Next() (row.Record, bool) {
	if p.left == 0 {
		select {
		case <-p.tick.C:
		case <-p.ctx.Done():
			return row.Record{}, false
		}
		p.left = p.each
	}
	p.left--
	p.handed.Add(1)
	return p.Source.Next()
}

// begin begins the load. It has one topic-partition: with several, the order of their records would
// depend on when they arrive, and a job that runs later would see another one.
func (m *migrating) begin(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	producer, err := produce.NewProducer(m.seeds)
	if err != nil {
		t.Fatal(err)
	}
	s, err := produce.Open("3b", workload.Options{Records: 1 << 40, Seed: *chaosSeed, Messy: 2, Bad: 0.1, Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	if s, err = s.Into(m.name + "-in"); err != nil {
		t.Fatal(err)
	}
	if err := producer.CreateTopic(t.Context(), m.name+"-in", 1); err != nil {
		t.Fatal(err)
	}
	p := &paced{Source: s.Source, tick: time.NewTicker(time.Second / ticksPerSecond), each: max(1, *stageRate/ticksPerSecond), handed: &m.produced, ctx: ctx}
	s.Source = p
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := producer.Produce(t.Context(), s, func(int64) {})
		m.loaded <- err
	}()
	m.stopLoad = stop
	t.Cleanup(func() {
		stop()
		<-ended
		p.tick.Stop()
		producer.Close()
	})
}

// jobFile writes the file of a job with a migration.
func (m *migrating) jobFile(t *testing.T, which string, partitions int) string {
	t.Helper()
	sql := strings.ReplaceAll(marketSQL(t, m.name), m.name+"-out", m.name+"-"+which+"-out")
	text := fmt.Sprintf(`job: %[1]s-%[2]s
kafka: {brokers: [%[3]s], group: %[1]s-%[2]s, batch: 100}
state: {dir: %[4]q, interval: 300ms}
v2: {on_overload: block, deadline: 3s, reseed_after: 20ms, reseed_max: 200ms, max_abandoned: 1000}
commit: {max_records: 500}
processors: {v2: "v2:%[5]d"}
migration: {plan: ["canary:5", "canary:25", promoted, done], patience: 20s, rollback: {max_fallbacks: 1000000, cooldown: 0s}}
canary: {wait: 400ms}
sql: |
  %[6]s
`, m.name, which, strings.Join(m.seeds, ", "), filepath.Join(m.dir, "state"), partitions, strings.ReplaceAll(sql, "\n", "\n  "))
	folder := filepath.Join(m.dir, which)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "job.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// serving is a server as another process.
type serving struct {
	*exec.Cmd
	url   string
	errs  *lines
	ended chan struct{}
}

// serve starts a server with the job. One of its V2s fails in some way, unless that is "", as soon as
// the file trigger is there.
func (m *migrating) serve(t *testing.T, partitions int, how, trigger string) *serving {
	t.Helper()
	folder := filepath.Dir(m.jobFile(t, "killed", partitions))
	program := "parallax"
	if how != "" {
		program = "parallax-failing-v2"
	}
	s := &serving{
		Cmd:  exec.Command(program, "serve", "--jobs", folder, "--data", filepath.Join(m.dir, "data"), "--listen", "127.0.0.1:0"),
		errs: &lines{listening: make(chan string, 1)}, ended: make(chan struct{}),
	}
	s.Stderr = s.errs
	s.Env = append(os.Environ(), failsLikeEnv+"="+how, failsFromEnv+"="+trigger)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		_ = s.Process.Kill()
		<-s.ended
		if t.Failed() {
			t.Logf("a server's log:\n%s", s.errs)
		}
	})
	select {
	case s.url = <-s.errs.listening:
	case <-s.ended:
		t.Fatalf("the server ended: %s", s.errs)
	}
	return s
}

// inABatch are the ways to fail that a job in a verified stage notices with the next batch.
var inABatch = []string{"a row is missing", "a batch hangs", "a batch panics", "a batch is an error"}

// leadAndKill leads the job up the ladder until it was killed often enough, and is in shadow after done.
func (m *migrating) leadAndKill(t *testing.T) {
	began := time.Now()
	for step := 0; m.figures.Kills < *stageKills || step%len(ladder) != 0; step++ {
		to := ladder[step%len(ladder)]
		how := ""
		if to != "done" && to != "shadow" { // in done there is nothing to compare V2 with
			how = inABatch[step%len(inABatch)]
		}
		trigger := filepath.Join(m.dir, fmt.Sprintf("fail%d", step))
		serve := func() *serving { return m.serve(t, []int{1, 2, 3, 7}[m.rng.IntN(4)], how, trigger) }
		s := serve()
		m.awaitCommitted(t, s, m.committed(t)+1)
		if m.rng.IntN(2) == 0 {
			m.killInAStep(t, s, to)
			s = serve()
		}
		m.reach(t, s, to)
		if how != "" {
			m.failAndComeBack(t, s, trigger)
			m.reach(t, s, to)
		}
		m.awaitCommitted(t, s, m.committed(t)+1+int64(m.rng.IntN(*stageRate)))
		t.Logf("%v: the server is killed in %s at record %d; V2 before: %s", time.Since(began).Round(time.Second), to, m.committed(t), cmp.Or(how, "right"))
		m.kill(t, s)
	}
}

// kill kills a server.
func (m *migrating) kill(t *testing.T, s *serving) {
	t.Helper()
	m.noteEpisodes(t, s)
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	m.figures.Kills++
	m.count(s)
	m.leave(t, "killed")
}

// count adds what a server logged.
func (m *migrating) count(s *serving) {
	for line := range strings.Lines(s.errs.String()) {
		if how, ok := strings.CutPrefix(line, failingV2Says); ok {
			m.figures.Failures[strings.TrimSpace(how)]++
		}
	}
}

// killInAStep asks for a stage, and kills the server before or after it has answered.
func (m *migrating) killInAStep(t *testing.T, s *serving, to string) {
	t.Helper()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		m.ask(t, s, to)
	}()
	m.awaitCommitted(t, s, m.committed(t)+1+int64(m.rng.IntN(max(1, *stageRate/2))))
	m.kill(t, s)
	<-asked
	m.figures.KillsInAStep++
}

func (m *migrating) jobName() string { return m.name + "-killed" }

// ask asks for a stage as a person does, and returns the exit code of the program.
func (m *migrating) ask(t *testing.T, s *serving, to string) (code int, errs string) {
	args := []string{"stage", m.jobName(), "set", to, "--reason", "the ladder", "--server", s.url, "--wait", "2m"}
	if to != "shadow" {
		args = append(args, "--force")
	}
	code, _, errs = parallax(t, args...)
	return code, errs
}

// reachWithin ends a test whose job reaches no stage; no test depends on it otherwise.
const reachWithin = 2 * time.Minute

// reach leads the job to a stage: it asks again where V2 was not done in time, and releases a
// migration that is held.
func (m *migrating) reach(t *testing.T, s *serving, to string) {
	t.Helper()
	for over := time.Now().Add(reachWithin); m.stage(t, s).Stage.String() != to; {
		code, errs := m.ask(t, s, to)
		switch {
		case code == 0:
			return
		case time.Now().After(over):
			t.Fatalf("%s is not reached but %+v: exit %d, %s\n%s", to, m.stage(t, s), code, errs, s.errs)
		case m.stage(t, s).Held:
			if code, _, errs := parallax(t, "stage", m.jobName(), "release", "--reason", "the V2 that failed is gone", "--server", s.url); code != 0 {
				t.Fatalf("release: exit %d, %s", code, errs)
			}
			m.figures.Releases++
		default:
			m.figures.NotReached++
		}
	}
}

// stage asks for the job's stage.
func (m *migrating) stage(t *testing.T, s *serving) (shown resource.Stage) {
	t.Helper()
	code, out, errs := parallax(t, "--json", "stage", m.jobName(), "--server", s.url)
	if err := json.Unmarshal([]byte(out), &shown); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s %s\n%s", code, err, out, errs, s.errs)
	}
	return shown
}

// failAndComeBack lets V2 fail, and waits until the job has come back by itself.
func (m *migrating) failAndComeBack(t *testing.T, s *serving, trigger string) {
	t.Helper()
	if err := os.WriteFile(trigger, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for over := time.Now().Add(reachWithin); ; <-tick.C {
		now := m.stage(t, s)
		m.noteEpisodes(t, s)
		if now.Stage.Kind == stage.Shadow {
			if now.Last == nil || !now.Last.IsAutomatic || now.Last.Cause == "" {
				t.Fatalf("the job did not come back by itself: %+v", now.Last)
			}
			return
		}
		if time.Now().After(over) {
			t.Fatalf("V2 failed, and the job is in %s\n%s", now.Stage, s.errs)
		}
	}
}

// noteEpisodes adds the fallback episodes of the present step.
func (m *migrating) noteEpisodes(t *testing.T, s *serving) {
	t.Helper()
	resp, err := http.Get(s.url + "/v1/jobs/" + m.jobName() + "/details")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var shown struct {
		Emission *resource.Emission `json:"emission"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&shown); err != nil {
		t.Fatal(err)
	}
	if shown.Emission != nil {
		for _, at := range shown.Emission.Fallbacks {
			m.figures.Episodes[at] = true
		}
	}
}

// committed is how many records the job has committed.
func (m *migrating) committed(t *testing.T) (n int64) {
	t.Helper()
	fetched, err := m.admin.FetchOffsets(t.Context(), m.jobName())
	if err != nil { // the group is not there yet
		return 0
	}
	fetched.Each(func(o kadm.OffsetResponse) { n += max(0, o.At) })
	return n
}

// awaitCommitted waits until the job has committed so many records.
func (m *migrating) awaitCommitted(t *testing.T, s *serving, records int64) {
	t.Helper()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for over := time.Now().Add(reachWithin); m.committed(t) < records; {
		select {
		case <-s.ended:
			t.Fatalf("the server ended: %s", s.errs)
		case <-tick.C:
		}
		if time.Now().After(over) {
			t.Fatalf("the job does not go on\n%s", s.errs)
		}
	}
}

// end ends the load, and lets the job process what is left.
func (m *migrating) end(t *testing.T) {
	m.stopLoad()
	if err := <-m.loaded; err != nil {
		t.Fatal(err)
	}
	p := m.start(t, "parallax", m.jobFile(t, "killed", 2))
	<-p.ended
	m.summary(t, p)
}

// runUnbroken runs the job in shadow over the same input.
func (m *migrating) runUnbroken(t *testing.T) {
	p := m.start(t, "parallax", m.jobFile(t, "whole", 2))
	<-p.ended
	if s := m.summary(t, p); s.Divergences.Root != 0 {
		t.Errorf("an unbroken run has %d divergences", s.Divergences.Root)
	}
}

// agrees checks that the journal, the history, the audit and the job tell the same.
func (m *migrating) agrees(t *testing.T) {
	t.Helper()
	journal := m.journal(t)
	var shown struct {
		Changes []stage.Change `json:"stage_changes"`
	}
	code, out, errs := parallax(t, "--json", "history", m.jobFile(t, "killed", 2))
	if err := json.Unmarshal([]byte(out), &shown); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, out, errs)
	}
	history := shown.Changes
	if history[0].At.After(history[len(history)-1].At) {
		slices.Reverse(history)
	}
	text := func(list []stage.Change) (lines []string) {
		for _, c := range list {
			lines = append(lines, fmt.Sprintf("%s %s -> %s at %d by %s: %s", c.At.UTC().Format(time.RFC3339Nano), c.From, c.To, c.Position, c.Who, c.Why))
		}
		return lines
	}
	if got, want := text(history), text(journal); !slices.Equal(got, want) {
		t.Errorf("the history has\n%s\nand the journal has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	now := stage.Stage{}
	asked := 0
	for _, c := range journal {
		if c.From != now {
			t.Errorf("a change from %s follows one to %s", c.From, now)
		}
		now = c.To
		m.figures.Changes++
		switch {
		case c.IsAutomatic && c.Cause != "":
			m.figures.FallBacks[string(c.Cause)]++
		case !c.IsAutomatic && c.From != c.To:
			asked++
		}
	}
	if now.Kind != stage.Shadow {
		t.Errorf("the journal ends in %s, and the job in shadow", now)
	}
	if done := m.audited(t); done > asked || done < asked-m.figures.KillsInAStep {
		t.Errorf("the audit has %d changes of stage that were asked for, the journal %d, and %d servers were killed before they may have answered", done, asked, m.figures.KillsInAStep)
	}
}

// journal reads the changes of stage that committed.
func (m *migrating) journal(t *testing.T) (list []stage.Change) {
	t.Helper()
	for _, records := range readBack(t, m.seeds, kafka.JournalTopic(m.jobName())) {
		for _, one := range records {
			if !journal.IsStageRecord([]byte(one.value)) {
				continue
			}
			r, err := journal.ParseStageRecord([]byte(one.value))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, r.Change)
		}
	}
	return list
}

// audited counts the changes of stage that the audit says were made.
func (m *migrating) audited(t *testing.T) (n int) {
	t.Helper()
	f, err := os.Open(filepath.Join(m.dir, "data", "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var e resource.AuditEntry
		if json.Unmarshal(lines.Bytes(), &e) != nil { // cut short by a kill
			continue
		}
		if strings.HasPrefix(e.What, "stage ") && e.Result == "done" && e.Before != e.After {
			n++
		}
	}
	return n
}

// sameOutputByKey compares the rows of each key, in their order. V2 alone may emit the rows of
// different keys in another order than V1.
func sameOutputByKey(t *testing.T, got, want map[int32][]kept) {
	t.Helper()
	byKey := func(topic map[int32][]kept) (keys map[string][]kept, rows int) {
		keys = map[string][]kept{}
		for partition, list := range topic {
			rows += len(list)
			for _, k := range list {
				at := fmt.Sprintf("%d/%s", partition, k.key)
				keys[at] = append(keys[at], k)
			}
		}
		return keys, rows
	}
	of, n := byKey(got)
	as, all := byKey(want)
	if n != all || len(of) != len(as) || n == 0 {
		t.Errorf("%d rows of %d keys, want %d of %d", n, len(of), all, len(as))
	}
	for key, list := range as {
		if slices.Equal(of[key], list) {
			continue
		}
		for i := range min(len(list), len(of[key])) {
			if of[key][i] != list[i] {
				t.Fatalf("key %s, row %d:\n got %+v\nwant %+v", key, i, of[key][i], list[i])
			}
		}
		t.Fatalf("key %s has %d rows, want %d", key, len(of[key]), len(list))
	}
}
