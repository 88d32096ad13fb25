package service_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/reports/store"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/server/service"
)

const counting = `CREATE STREAM s (k STRING KEY, x INT) WITH (kafka_topic='in', value_format='JSON');
  CREATE TABLE o WITH (kafka_topic='TOPIC') AS SELECT k, COUNT(*) AS n, SUM(x) AS total FROM s GROUP BY k EMIT CHANGES;
`

// countingFile is a job with state that writes to a topic of its own.
func (b *broker) countingFile(name, v2, more string) string {
	return fmt.Sprintf(`job: %s
kafka: {brokers: ["%s"], group: %[1]s}
sql: |
  %[3]s
processors: {v2: "%[4]s"}

%[5]s`, name, b.addr, strings.ReplaceAll(counting, "TOPIC", name), v2, more)
}

// committed reads the committed rows of a topic, by key, each key's in their order.
func (b *broker) committed(topic string, want int) []string {
	b.t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(b.addr), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close()
	byKey := map[string][]string{}
	for n := 0; n < want; {
		fetched := c.PollFetches(b.t.Context())
		if err := fetched.Err0(); err != nil {
			b.t.Fatal(err)
		}
		fetched.EachRecord(func(r *kgo.Record) {
			n++
			byKey[string(r.Key)] = append(byKey[string(r.Key)], string(r.Key)+" "+string(r.Value))
		})
	}
	var list []string
	for _, rows := range byKey {
		list = append(list, rows...)
	}
	slices.SortStableFunc(list, func(a, b string) int {
		ka, _, _ := strings.Cut(a, " ")
		kb, _, _ := strings.Cut(b, " ")
		return strings.Compare(ka, kb)
	})
	return list
}

// The file of a job changes again and again while records come: its V2, its commits and its rules, and
// it is paused, resumed and restarted. Its output is that of a job that is left alone, each row once,
// and the ledger of its evidence has a place for each record.
func TestAJobWhoseFileChangesWhileItRunsHasTheSameOutput(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 11))
			b := newBroker(t)
			b.fill("in", 0, 100)
			s := newSite(t, service.Options{}, jobs.Options{})
			s.put("same", b.countingFile("same", "off", ""))
			s.put("other", b.countingFile("other", "v2:2", ""))
			n := 100
			running := func() bool { return s.job("other").State == resource.Running }
			for step := range 14 {
				b.fill("in", n, n+50)
				n += 50
				s.until("it runs", running)
				switch random.IntN(5) {
				case 0:
					must[resource.Job](t)(s.Do(t.Context(), ann, "other", resource.Pause))
					must[resource.Job](t)(s.Do(t.Context(), ann, "other", resource.Resume))
				case 1:
					must[resource.Job](t)(s.Do(t.Context(), ann, "other", resource.Restart))
				default:
					more := ""
					if random.IntN(2) > 0 {
						more += fmt.Sprintf("commit: {interval: %dms, max_records: %d}\n", 20+random.IntN(100), 10+random.IntN(100))
					}
					if random.IntN(2) > 0 {
						more += "diff: {rules: [{column: total, absolute: 1, owner: us, reason: x, expires: 2999-01-01, max_rate: 1}]}\n"
					}
					v2 := []string{"off", "v2:1", "v2:2", "v2:3", "v2:5"}[random.IntN(5)]
					if strings.Contains(more, "rules") && v2 == "off" {
						v2 = "v2:4"
					}
					file := b.countingFile("other", v2, more)
					c := must[resource.Change](t)(s.Put(t.Context(), ann, "other", []byte(file), false))
					if c.Change == jobs.IsRefused || c.Change == jobs.IsNewRun {
						t.Errorf("step %d, %s %s: %+v", step, v2, more, c)
					}
					if random.IntN(2) > 0 { // some changes follow one another at once
						s.until("V2 is that of the file", func() bool { return running() && s.job("other").V2 == v2 })
					}
				}
			}
			s.until("it runs", running)
			s.put("other", b.countingFile("other", "v2:3", ""))
			s.until("it has the last file", func() bool { return running() && s.job("other").V2 == "v2:3" })
			b.fill("in", n, n+50)
			n += 50
			want := b.committed("same", n)
			if got := b.committed("other", n); !slices.Equal(got, want) {
				t.Errorf("%d rows, want the same %d as without changes", len(got), len(want))
			}
			var l resource.Ledger
			s.until("the last records are in the evidence of the last V2", func() bool {
				l = must[resource.Ledger](t)(s.Ledger(t.Context(), "other"))
				return l.Compared > 0 && l.Pending == 0 && strings.HasPrefix(must[resource.Details](t)(s.Details(t.Context(), "other")).Identity.V2, "v2:3 ")
			})
			if l.Gap != 0 || l.Pending != 0 || l.V2Error != 0 || s.job("other").Roots != 0 || s.job("other").Restarts != 0 {
				t.Errorf("ledger %+v, job %+v", l, s.job("other"))
			}
			noneIsOpen(t, filepath.Join(s.data, "jobs", "other", "evidence"), "other")
		})
	}
}

// noneIsOpen checks that each run of the evidence has a place for each of its records.
func noneIsOpen(t *testing.T, dir, job string) {
	t.Helper()
	r, err := store.OpenReader(dir, job)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }() // it was only read
	runs, err := r.Runs()
	if err != nil || len(runs) == 0 {
		t.Fatal(runs, err)
	}
	for _, one := range runs {
		whole, err := r.Whole(store.Query{Run: one.Run})
		if err != nil {
			t.Fatal(err)
		}
		if l := whole.Ledger; l.Pending != 0 || l.Gap != 0 || len(whole.Missing) > 0 || l.Records() != one.To-one.From {
			t.Errorf("the run of %s has the positions %d to %d, ledger %+v, missing %v", one.V2, one.From, one.To, l, whole.Missing)
		}
	}
}
