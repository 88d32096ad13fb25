package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

const aclsPage = "../../docs/ACLS.md"

// right is a line of the page's table: operations on a resource.
type right struct {
	kind, name string
	operations []string
}

var rightRow = regexp.MustCompile(`(?m)^\| (topic|group|transactional ID) \| ([^|]+) \| ([^|]+) \|`)

// rightsOnPage reads the table of docs/ACLS.md.
func rightsOnPage(t *testing.T) (list []right) {
	t.Helper()
	page, err := os.ReadFile(aclsPage)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range rightRow.FindAllStringSubmatch(string(page), -1) {
		r := right{kind: m[1], name: strings.Trim(m[2], "` ")}
		for _, operation := range strings.Split(m[3], ",") {
			r.operations = append(r.operations, strings.Trim(operation, "` "))
		}
		list = append(list, r)
	}
	if len(list) < 6 {
		t.Fatalf("%s has %d rights", aclsPage, len(list))
	}
	return list
}

// acl is one operation on one resource of a job.
type acl struct{ kind, name, operation string }

func (a acl) String() string { return a.operation + " on " + a.kind + " " + a.name }

// of names the resources of a job: the rights with its topics, its group and its name.
func of(rights []right, job string) (list []acl) {
	names := map[string]string{
		"each source topic": job + "-in", "each output topic": job + "-out", "each dead-letter topic": job + "-in.dlq",
		"parallax.JOB.journal": "parallax." + job + ".journal", "kafka.group": job + "-group", "parallax-GROUP-JOB": "parallax-" + job + "-group-" + job,
	}
	for _, r := range rights {
		for _, operation := range r.operations {
			list = append(list, acl{r.kind, names[r.name], operation})
		}
	}
	return list
}

// authority is an Apache Kafka that allows nothing without an ACL, and its administrator.
type authority struct {
	seeds  []string
	client *kgo.Client
	admin  *kadm.Client
}

// newAuthority connects to the broker that hack/kafka/up_acl.sh started.
func newAuthority(t *testing.T) *authority {
	t.Helper()
	seeds := os.Getenv("KAFKA_ACL_SEEDS")
	if seeds == "" {
		t.Skip("KAFKA_ACL_SEEDS names no broker with ACLs: hack/test.sh starts one")
	}
	a := &authority{seeds: strings.Split(seeds, ",")}
	var err error
	a.client, err = kgo.NewClient(kgo.SeedBrokers(a.seeds...), kgo.SASL(plain.Auth{User: "admin", Pass: "admin-secret"}.AsMechanism()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.client.Close)
	a.admin = kadm.NewClient(a.client)
	return a
}

// allow gives the user job rights.
func (a *authority) allow(t *testing.T, list []acl) {
	t.Helper()
	for _, one := range list {
		b := kadm.NewACLs().Allow("User:job").AllowHosts("*").ResourcePatternType(kadm.ACLPatternLiteral)
		switch one.kind {
		case "topic":
			b.Topics(one.name)
		case "group":
			b.Groups(one.name)
		case "transactional ID":
			b.TransactionalIDs(one.name)
		}
		operation, err := kmsg.ParseACLOperation(one.operation)
		if err != nil {
			t.Fatal(err)
		}
		made, err := a.admin.CreateACLs(t.Context(), b.Operations(operation))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range made {
			if m.Err != nil {
				t.Fatal(m.Err)
			}
		}
	}
}

// produce writes records with keys to a job's source topic, which it creates. One of them cannot be decoded.
func (a *authority) produce(t *testing.T, topic string, from, n int) {
	t.Helper()
	if from == 0 {
		if _, err := a.admin.CreateTopic(t.Context(), 2, 1, nil, topic); err != nil {
			t.Fatal(err)
		}
	}
	var records []*kgo.Record
	for i := from; i < from+n; i++ {
		value := fmt.Sprintf(`{"symbol":"S%d","quantity":%d}`, i%7, i)
		if i == from {
			value = `{"symbol":`
		}
		records = append(records, &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "S%d", i%7), Value: []byte(value), Timestamp: time.Now()})
	}
	if err := a.client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// jobFile writes the file of a job that runs as the user job.
func (a *authority) jobFile(t *testing.T, job string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "job.yaml")
	text := fmt.Sprintf(`job: %[1]s
kafka:
  brokers: [%[2]q]
  group: %[1]s-group
  patience: 5s
  sasl: {mechanism: PLAIN, username: job, password_env: JOB_PASSWORD}
sql: |
  CREATE STREAM trades (symbol STRING, quantity BIGINT) WITH (kafka_topic='%[1]s-in', value_format='JSON');
  CREATE TABLE volumes WITH (kafka_topic='%[1]s-out') AS SELECT symbol, SUM(quantity) AS volume FROM trades GROUP BY symbol EMIT CHANGES;
`, job, strings.Join(a.seeds, `","`))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// leaveAborted creates a job's output topic with what a transaction left that was aborted: the job has to read the
// topic to see that there are no rows.
func (a *authority) leaveAborted(t *testing.T, topic string) {
	t.Helper()
	if _, err := a.admin.CreateTopic(t.Context(), 2, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(a.seeds...), kgo.SASL(plain.Auth{User: "admin", Pass: "admin-secret"}.AsMechanism()), kgo.TransactionalID(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("{}")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := client.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
}

// runAll runs a job three times to the end of its input: from the beginning, with more input, and from the first run's
// checkpoint, as after a crash, so that it reads its journal. It returns the first exit code that is an error, or the last
// one, and what the program wrote.
func (a *authority) runAll(t *testing.T, job string) (code int, said string) {
	t.Helper()
	file := a.jobFile(t, job)
	state, before := filepath.Join(filepath.Dir(file), "state"), t.TempDir()
	for n := range 3 {
		if n < 2 {
			a.produce(t, job+"-in", 100*n, 100)
		}
		errs := &strings.Builder{}
		code = run(t.Context(), []string{"run", file, "--until-end"}, strings.NewReader(""), io.Discard, errs)
		said += errs.String()
		if code == exitError {
			return code, said
		}
		var err error
		switch n {
		case 0:
			err = os.CopyFS(before, os.DirFS(state))
		case 1:
			if err = os.RemoveAll(state); err == nil {
				err = os.CopyFS(state, os.DirFS(before))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return code, said
}

// written counts the records of a topic.
func (a *authority) written(ctx context.Context, t *testing.T, topic string) (n int64) {
	t.Helper()
	ends, err := a.admin.ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	ends.Each(func(o kadm.ListedOffset) { n += max(o.Offset, 0) })
	return n
}

// A job runs with the rights of docs/ACLS.md and no others. Without any one of them it does not, and the error names
// the right that is missing: the page lists no right too many, and none too few.
func TestAJobRunsUnderExactlyTheACLsOfThePage(t *testing.T) {
	a := newAuthority(t)
	t.Setenv("JOB_PASSWORD", "job-secret")
	rights := rightsOnPage(t)
	t.Run("all", func(t *testing.T) {
		job := place(t)
		a.allow(t, of(rights, job))
		if code, said := a.runAll(t, job); code == exitError {
			t.Fatalf("with all rights: exit code %d\n%s", code, said)
		}
		for _, topic := range []string{job + "-out", job + "-in.dlq", "parallax." + job + ".journal"} {
			if a.written(t.Context(), t, topic) == 0 {
				t.Errorf("nothing was written to %s: the run did not need its rights", topic)
			}
		}
	})
	for i := range of(rights, "") {
		job := place(t) + fmt.Sprint("-", i)
		all := of(rights, job)
		without := all[i]
		t.Run(strings.ReplaceAll(strings.ReplaceAll(without.String(), job, "JOB"), " ", "_"), func(t *testing.T) {
			a.allow(t, slices.Delete(all, i, i+1))
			if without.operation != "Create" {
				a.leaveAborted(t, job+"-out")
			}
			code, said := a.runAll(t, job)
			if code != exitError {
				t.Errorf("exit code %d: the right is not needed; the program wrote\n%s", code, said)
			} else if !strings.Contains(said, without.String()) {
				t.Errorf("the error does not name %q:\n%s", without, said)
			}
		})
	}
}
