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
// is asked for.
func TestAJobThatIsKilledWritesWhatAnUnbrokenOneWrites(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		c := newChaos(t, seeds)
		c.run(t)
		sameOutput(t, readBack(t, seeds, c.name+"-killed-out"), readBack(t, seeds, c.name+"-whole-out"))
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
	var err error
	if c.client, err = kgo.NewClient(kgo.SeedBrokers(seeds...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.client.Close)
	c.admin = kadm.NewClient(c.client)
	for _, which := range []string{"killed", "whole"} {
		keepAll(t, seeds, c.name+"-"+which+"-out", chaosPartitions)
	}
	return c
}

// jobFile writes the job's file with some number of partitions of V2.
func (c *chaos) jobFile(t *testing.T, which string, partitions int) string {
	t.Helper()
	sql := strings.ReplaceAll(marketSQL(t, c.name), c.name+"-out", c.name+"-"+which+"-out")
	text := fmt.Sprintf("job: %s-%s\nkafka: {brokers: [%s], group: %s-%s, batch: %d}\nstate: {dir: %q, interval: 300ms}\ncommit: {max_records: %d}\nprocessors: {v2: \"v2:%d\"}\nsql: |\n  %s\n",
		c.name, which, strings.Join(c.seeds, ", "), c.name, which, max(100, *chaosRecords/2_000), filepath.Join(c.dir, "state"), max(200, *chaosRecords/300), partitions, strings.ReplaceAll(sql, "\n", "\n  "))
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

// start starts the program on a job file; it ends with the test at the latest.
func (c *chaos) start(t *testing.T, path string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command("parallax", "--json", "run", path, "--until-end", "--flush"), ended: make(chan struct{})} // see TestMain
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

// run runs both jobs.
func (c *chaos) run(t *testing.T) {
	began := time.Now()
	whole := c.start(t, c.jobFile(t, "whole", 2))
	<-whole.ended
	c.summary(t, whole)
	unbroken := time.Since(began)

	began = time.Now()
	events := *chaosKills + *chaosRestarts
	kills, restarts, replays := 0, 0, 0
	isKill := c.rng.Perm(events)
	p := c.start(t, c.jobFile(t, "killed", 3))
	for i := range events {
		// In the first two thirds of the input, because a process that is killed has to be running.
		from, to := *chaosRecords*2*i/(3*events), *chaosRecords*2*(i+1)/(3*events)
		if !c.await(t, p, int64(from+c.rng.IntN(to-from+1))) {
			break
		}
		if isKill[i] >= *chaosKills {
			c.restart(t, restarts)
			restarts++
			continue
		}
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.ended
		kills++
		c.leave(t)
		replays += strings.Count(p.errs.String(), "the job replays")
		p = c.start(t, c.jobFile(t, "killed", []int{1, 2, 3, 7}[c.rng.IntN(4)]))
	}
	<-p.ended
	replays += strings.Count(p.errs.String(), "the job replays")
	c.summary(t, p)
	t.Logf("%d records, %d kills, %d restarts of a broker, %d replays: %v, an unbroken run: %v", *chaosRecords, kills, restarts, replays, time.Since(began).Round(time.Millisecond), unbroken.Round(time.Millisecond))
	if kills+restarts < events {
		t.Errorf("the job ended after %d kills and %d restarts of a broker; records: make them more", kills, restarts)
	}
}

// summary checks how a process ended by itself.
func (c *chaos) summary(t *testing.T, p *process) {
	t.Helper()
	var s reports.Summary
	if err := json.Unmarshal(p.out.Bytes(), &s); err != nil {
		t.Fatalf("%v, %v: %s %s", p.err, err, p.out.String(), p.errs.String())
	}
	if code := p.ProcessState.ExitCode(); code != exitPass && code != exitInconclusive || s.Divergences.Root != 0 || s.Ledger.Gap != 0 || s.Ledger.Pending != 0 {
		t.Fatalf("exit %d: %s\n%s", code, p.out.String(), p.errs.String())
	}
}

// await waits until the job has committed so many records, and reports whether it still runs.
func (c *chaos) await(t *testing.T, p *process, records int64) bool {
	t.Helper()
	for t.Context().Err() == nil {
		select {
		case <-p.ended:
			return false
		default:
		}
		committed := int64(0)
		fetched, err := c.admin.FetchOffsets(t.Context(), c.name+"-killed")
		if err != nil {
			continue // a broker is being restarted
		}
		fetched.Each(func(o kadm.OffsetResponse) { committed += max(0, o.At) })
		if committed >= records {
			return true
		}
	}
	return false
}

// leave removes the members of the job's group, so that the next process need not wait until
// the session of the one that was killed has ended.
func (c *chaos) leave(t *testing.T) {
	t.Helper()
	for t.Context().Err() == nil {
		groups, err := c.admin.DescribeGroups(t.Context(), c.name+"-killed")
		if err != nil || groups.Error() != nil {
			continue
		}
		for _, m := range groups[c.name+"-killed"].Members {
			req := kmsg.NewPtrLeaveGroupRequest()
			req.Group = c.name + "-killed"
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
