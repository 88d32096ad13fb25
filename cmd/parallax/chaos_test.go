package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/reports"
)

var (
	chaosRecords  = flag.Int("chaos.records", 60_000, "records of the job that is killed")
	chaosKills    = flag.Int("chaos.kills", 5, "how often its process is killed")
	chaosRestarts = flag.Int("chaos.restarts", 0, "how often a broker is restarted: killed and ended in turn")
	chaosBrokers  = flag.String("chaos.brokers", "", "the names of the brokers of hack/kafka, with commas between them")
	chaosSeed     = flag.Uint64("chaos.seed", 1, "seed of the moments")
)

// TestAJobThatIsKilledWritesWhatAnUnbrokenOneWrites kills the program, with the signal that no
// process can handle, when its commits have reached random places of the input, and starts it
// again with another number of partitions of V2. Brokers are restarted at other places, if that
// is asked for. In one of two such jobs each V2 fails at random.
func TestAJobThatIsKilledWritesWhatAnUnbrokenOneWrites(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		c := newChaos(t, seeds)
		c.runUnbroken(t)
		want := readBack(t, seeds, c.name+"-whole-out")
		t.Run("V2 is right", func(t *testing.T) {
			r := c.run(t, "killed", "parallax")
			if r.summary.Divergences.Root != 0 || r.summary.Code != exitPass && r.summary.Code != exitInconclusive {
				t.Errorf("the verdict's code is %d with %d divergences", r.summary.Code, r.summary.Divergences.Root)
			}
			sameOutput(t, readBack(t, seeds, c.name+"-killed-out"), want)
		})
		t.Run("V2 fails at random", func(t *testing.T) {
			r := c.run(t, "failing", "parallax-failing-v2")
			t.Logf("V2s that failed, by how: %v", r.failures)
			if len(r.failures) == 0 {
				t.Error("no V2 failed; records: make them more")
			}
			sameOutput(t, readBack(t, seeds, c.name+"-failing-out"), want)
		})
	})
}

// chaos is a job whose process is killed, and one over the same input that is not.
type chaos struct {
	seeds  []string
	name   string
	rng    *rand.Rand
	dir    string
	client *kgo.Client
	admin  *kadm.Client
}

const chaosPartitions = 3

func newChaos(t *testing.T, seeds []string) *chaos {
	c := &chaos{seeds: seeds, name: place(t), rng: rand.New(rand.NewPCG(*chaosSeed, 17)), dir: t.TempDir()}
	if code, _, errs := parallax(t, "generate", "--brokers", strings.Join(seeds, ","), "--topic", c.name+"-in", "--records", fmt.Sprint(*chaosRecords),
		"--partitions", fmt.Sprint(chaosPartitions), "--messy", "2", "--bad", "0.1"); code != 0 {
		t.Fatalf("generate: %s", errs)
	}
	c.connect(t)
	for _, which := range []string{"whole", "killed", "failing"} {
		keepAll(t, seeds, c.name+"-"+which+"-out", chaosPartitions)
	}
	return c
}

func (c *chaos) connect(t *testing.T) {
	var err error
	if c.client, err = kgo.NewClient(kgo.SeedBrokers(c.seeds...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.client.Close)
	c.admin = kadm.NewClient(c.client)
}

// jobFile writes the job's file with some number of partitions of V2.
func (c *chaos) jobFile(t *testing.T, which string, partitions int) string {
	t.Helper()
	deadline := "10s"
	if which == "failing" {
		deadline = "500ms" // V1 waits for a V2 that hangs, because every record is to be compared
	}
	sql := strings.ReplaceAll(marketSQL(t, c.name), c.name+"-out", c.name+"-"+which+"-out")
	text := fmt.Sprintf("job: %s-%s\nkafka: {brokers: [%s], group: %s-%s, batch: %d}\nstate: {dir: %q, interval: 300ms}\nv2: {deadline: %s, reseed_after: 20ms, reseed_max: 200ms, max_abandoned: 1000}\ncommit: {max_records: %d}\nprocessors: {v2: \"v2:%d\"}\nsql: |\n  %s\n",
		c.name, which, strings.Join(c.seeds, ", "), c.name, which, max(100, *chaosRecords/2_000), filepath.Join(c.dir, "state"), deadline, max(200, *chaosRecords/300), partitions, strings.ReplaceAll(sql, "\n", "\n  "))
	path := filepath.Join(c.dir, which+".yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// process is the program as another process.
type process struct {
	*exec.Cmd
	out, errs bytes.Buffer
	ended     chan struct{}
	err       error
}

// start starts a program of TestMain on a job file; it ends with the test at the latest.
func (c *chaos) start(t *testing.T, program, path string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(program, "--json", "run", path, "--until-end", "--flush"), ended: make(chan struct{})}
	p.Stdout, p.Stderr = &p.out, &p.errs
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
	return p
}

// runUnbroken runs the job of which no process is killed.
func (c *chaos) runUnbroken(t *testing.T) {
	began := time.Now()
	p := c.start(t, "parallax", c.jobFile(t, "whole", 2))
	<-p.ended
	if s := c.summary(t, p); s.Divergences.Root != 0 {
		t.Errorf("an unbroken run has %d divergences", s.Divergences.Root)
	}
	t.Logf("an unbroken run over %d records took %v", *chaosRecords, time.Since(began).Round(time.Millisecond))
}

// brokenRun is what became of a job whose processes were killed.
type brokenRun struct {
	summary         reports.Summary // of the last process
	kills, restarts int
	replays         int
	failures        map[string]int // of V2s, by how
}

// run runs a job whose processes are killed.
func (c *chaos) run(t *testing.T, which, program string) brokenRun {
	began := time.Now()
	events := *chaosKills + *chaosRestarts
	r := brokenRun{failures: map[string]int{}}
	isKill := c.rng.Perm(events)
	p := c.start(t, program, c.jobFile(t, which, 3))
	for i := range events {
		// In the first two thirds of the input, because a process that is killed has to be running.
		from, to := *chaosRecords*2*i/(3*events), *chaosRecords*2*(i+1)/(3*events)
		at := int64(from + c.rng.IntN(to-from+1))
		if !c.await(t, p, which, at) {
			break
		}
		if isKill[i] >= *chaosKills {
			t.Logf("%v: a broker is restarted at record %d", time.Since(began).Round(time.Second), at)
			c.restart(t, r.restarts)
			r.restarts++
			continue
		}
		t.Logf("%v: the process is killed at record %d", time.Since(began).Round(time.Second), at)
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.ended
		r.kills++
		c.leave(t, which)
		r.count(p)
		p = c.start(t, program, c.jobFile(t, which, []int{1, 2, 3, 7}[c.rng.IntN(4)]))
	}
	<-p.ended
	r.count(p)
	r.summary = c.summary(t, p)
	t.Logf("%d records, %d kills, %d restarts of a broker, %d replays: %v", *chaosRecords, r.kills, r.restarts, r.replays, time.Since(began).Round(time.Millisecond))
	if r.kills+r.restarts < events {
		t.Errorf("the job ended after %d kills and %d restarts of a broker; records: make them more", r.kills, r.restarts)
	}
	return r
}

// count adds what a process logged.
func (r *brokenRun) count(p *process) {
	r.replays += strings.Count(p.errs.String(), "the job replays")
	for line := range strings.Lines(p.errs.String()) {
		if how, ok := strings.CutPrefix(line, failingV2Says); ok {
			r.failures[strings.TrimSpace(how)]++
		}
	}
}

// summary checks how a process ended by itself.
func (c *chaos) summary(t *testing.T, p *process) (s reports.Summary) {
	t.Helper()
	if err := json.Unmarshal(p.out.Bytes(), &s); err != nil {
		t.Fatalf("%v, %v: %s %s", p.err, err, p.out.String(), p.errs.String())
	}
	if p.ProcessState.ExitCode() == exitError || s.Ledger.Gap != 0 || s.Ledger.Pending != 0 {
		t.Fatalf("exit %d: %s\n%s", p.ProcessState.ExitCode(), p.out.String(), p.errs.String())
	}
	return s
}

// askEvery is how often the brokers are asked how far a job is.
const askEvery = 20 * time.Millisecond

// await waits until the job has committed so many records, and reports whether it still runs.
func (c *chaos) await(t *testing.T, p *process, which string, records int64) bool {
	t.Helper()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.ended:
			return false
		case <-t.Context().Done():
			return false
		case <-tick.C:
		}
		committed := int64(0)
		fetched, err := c.admin.FetchOffsets(t.Context(), c.name+"-"+which)
		if err != nil {
			continue // a broker is being restarted
		}
		fetched.Each(func(o kadm.OffsetResponse) { committed += max(0, o.At) })
		if committed >= records {
			return true
		}
	}
}

// leave removes the members of the job's group, so that the next process need not wait until
// the session of the one that was killed has ended.
func (c *chaos) leave(t *testing.T, which string) {
	t.Helper()
	group := c.name + "-" + which
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for t.Context().Err() == nil {
		groups, err := c.admin.DescribeGroups(t.Context(), group)
		if err != nil || groups.Error() != nil {
			<-tick.C
			continue
		}
		for _, m := range groups[group].Members {
			req := kmsg.NewPtrLeaveGroupRequest()
			req.Group = group
			one := kmsg.NewLeaveGroupRequestMember()
			one.MemberID = m.MemberID
			req.Members = append(req.Members, one)
			_, _ = req.RequestWith(t.Context(), c.client) // else the session ends after its time
		}
		return
	}
}

// restart restarts a broker: every other one is killed.
func (c *chaos) restart(t *testing.T, n int) {
	t.Helper()
	names := strings.Split(*chaosBrokers, ",")
	signal, name := []string{"KILL", "TERM"}[n%2], names[n%len(names)]
	if out, err := exec.Command("../../hack/kafka/restart.sh", signal, name).CombinedOutput(); err != nil {
		t.Fatalf("restart broker %s with %s: %v\n%s", name, signal, err, out)
	}
}
