package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/numeric"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// secretive is a V2 that shows values of records in what it makes and says.
type secretive struct {
	*partitions.V2
	how string
	n   int
}

func (v *secretive) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	if err := v.Submit(ctx, b); err != nil {
		return nil, err
	}
	return v.Next(ctx)
}

func (v *secretive) Next(ctx context.Context) (*row.Outcome, error) {
	o, err := v.V2.Next(ctx)
	if err != nil || len(o.Changes) == 0 {
		return o, err
	}
	v.n++
	switch values := fmt.Sprint(o.Changes[0].Values, o.Changes[0].Key); {
	case v.how == "other values":
		for i := range o.Changes {
			c := &o.Changes[i]
			c.Values, c.Written = row.CloneAll(c.Values), nil
			for k, value := range c.Values {
				c.Values[k] = changedValue(value)
			}
		}
	case v.how == "other keys":
		for i := range o.Changes {
			o.Changes[i].Written = nil
			o.Changes[i].Key = row.CloneAll(o.Changes[i].Key)
			for k, value := range o.Changes[i].Key {
				o.Changes[i].Key[k] = changedValue(value)
			}
		}
	case v.how == "other reasons":
		for i := range o.DeadLetters {
			o.DeadLetters[i].Reason = "cannot use " + values
		}
	case v.how == "a row is missing":
		o.Changes = o.Changes[1:]
		o.Raw--
	case v.how == "a panic" && v.n > 1:
		panic("what to do with " + values)
	case v.how == "an error" && v.n > 1:
		return nil, errors.New("what to do with " + values)
	}
	return o, nil
}

// changedValue returns another value of the same type, which shows the first one.
func changedValue(v row.Value) row.Value {
	switch v.Kind() {
	case row.String:
		return row.NewString(v.Str() + "'")
	case row.Bigint:
		return row.NewBigint(v.Int64() + 1)
	case row.Decimal:
		unscaled, scale := v.Decimal()
		more, _ := unscaled.Add(numeric.Int128Of(1))
		return row.NewDecimal(more, scale)
	case row.Map:
		var names []string
		for _, name := range v.Names() {
			names = append(names, name+"'")
		}
		return row.NewMap(names, v.Elements())
	}
	return v
}

// secret recognises the values of the records of the test.
var secret = regexp.MustCompile(`s3cret[a-z]+|\b7[25]00[01]\d\d\b`)

// secretRecord is the record with a number, of which every value but the time is secret.
func secretRecord(i int) (key, value string) {
	key = fmt.Sprintf(`{"ACCT":"s3cretacct%c"}`, 'a'+i%3)
	owner := fmt.Sprintf(`"s3cretowner%c"`, 'a'+i%3)
	return key, fmt.Sprintf(`{"owner":%s,"price":%d.25,"qty":%d,"info":{"phone":"s3cretphone%c"},"tags":{"s3crettag%c":"s3cretlabel"},"ts":%d}`,
		owner, 7_200_000+i, 7_500_000+i, 'a'+i%5, 'a'+i%7, 1_700_000_000_000+int64(i)*1000)
}

const secretScript = `CREATE STREAM accounts (acct STRING KEY, owner STRING, price DECIMAL(12,2), qty BIGINT, info STRUCT<phone STRING>, tags MAP<STRING,STRING>, ts TIMESTAMP)
  WITH (kafka_topic='IN', key_format='JSON', value_format='JSON', timestamp='ts');
CREATE STREAM copies WITH (kafka_topic='OUT-copies') AS SELECT acct, owner, price, qty, info, tags FROM accounts;
CREATE STREAM numbers WITH (kafka_topic='OUT-numbers') AS SELECT CAST(owner AS BIGINT) AS number FROM accounts;
CREATE TABLE totals WITH (kafka_topic='OUT-totals') AS SELECT owner, MAX(price) AS most, MIN(qty) AS least, COUNT(*) AS n FROM accounts WINDOW TUMBLING (SIZE 10 MINUTES, GRACE PERIOD 1 MINUTE) GROUP BY owner EMIT CHANGES;
CREATE TABLE latest WITH (kafka_topic='OUT-latest') AS SELECT acct, LATEST_BY_OFFSET(info) AS info, MAX(qty) AS qty FROM accounts GROUP BY acct EMIT CHANGES;
`

// TestNoRedactedValueIsStoredOrShown: a job whose every column but the time is secret is run with
// V2s that are wrong in all ways that show values. None of the values is in the evidence, in any
// form of gate and report, in the summary, in the logs, or in the explanations and their folders.
func TestNoRedactedValueIsStoredOrShown(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		for _, how := range []string{"other values", "other keys", "other reasons", "a row is missing", "a panic", "an error", "fault update-lost", "fault split-key", "fault lose-dead-letters"} {
			t.Run(how, func(t *testing.T) {
				name, dir := place(t), t.TempDir()
				produceSecrets(t, seeds, name)
				shown := &bytes.Buffer{}
				command := func(want string, args ...string) string {
					t.Helper()
					var out, errs bytes.Buffer
					e := newEnv(t.Context(), strings.NewReader(""), &out, &errs)
					e.buildV2 = secretiveV2(how)
					e.run(args)
					if !strings.Contains(out.String()+errs.String(), want) {
						t.Errorf("%v: no %q in\n%s%s", args, want, out.String(), errs.String())
					}
					fmt.Fprintf(shown, "%v\n%s\n%s\n", args, out.String(), errs.String())
					return out.String()
				}
				t.Chdir(dir)
				writeSecretJob(t, seeds, name)
				command("V2", "--json", "run", "job.yaml", "--until-end", "--flush")
				command("", "gate", "job.yaml")
				for _, format := range []string{"json", "junit", "md"} {
					command(name, "gate", "job.yaml", "--format", format)
				}
				for _, format := range []string{"text", "json", "junit", "md", "html"} {
					command(name, "report", "job.yaml", "--format", format)
				}
				command("", "history", "job.yaml")
				fault := []string{}
				if f, ok := strings.CutPrefix(how, "fault "); ok {
					fault = []string{"--fault", f}
				}
				ids := signaturesIn(t, name)
				for _, id := range ids {
					command("", append([]string{"explain", "job.yaml", id, "-o", "found-" + id}, fault...)...)
					command("", append([]string{"--json", "explain", "job.yaml", id}, fault...)...)
				}
				if len(ids) == 0 && how != "a panic" && how != "an error" {
					t.Error("there are no divergences")
				}
				if found := secret.FindString(shown.String()); found != "" {
					t.Errorf("%s is shown:\n%s", found, around(shown.String(), found))
				}
				noSecretsIn(t, dir)
			})
		}
	})
}

// produceSecrets writes the job's input.
func produceSecrets(t *testing.T, seeds []string, name string) {
	t.Helper()
	keepAll(t, seeds, name+"-in", 1)
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for i := range 200 {
		key, value := secretRecord(i)
		client.Produce(t.Context(), &kgo.Record{Topic: name + "-in", Key: []byte(key), Value: []byte(value)}, nil)
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func writeSecretJob(t *testing.T, seeds []string, name string) {
	t.Helper()
	script := strings.NewReplacer("'IN'", "'"+name+"-in'", "'OUT", "'"+name).Replace(secretScript)
	var columns []string
	for _, c := range []string{"acct", "owner", "price", "qty", "info", "tags"} {
		columns = append(columns, name+"-in."+c)
	}
	text := fmt.Sprintf("job: %[1]s\nkafka: {brokers: [%[2]q], group: %[1]s, batch: 16}\non_error: dlq\nsql: |\n  %[3]s\ndiff: {require_level: E1}\nprocessors: {v2: \"v2:3\"}\nevidence: {redact: [%[4]s]}\nstate: {interval: 1s}\n",
		name, seeds[0], strings.ReplaceAll(strings.TrimSpace(script), "\n", "\n  "), strings.Join(columns, ", "))
	if err := os.WriteFile("job.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func secretiveV2(how string) func(cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	return func(cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
		if name, ok := strings.CutPrefix(how, "fault "); ok {
			f, err := faults.Parse(name)
			if err != nil {
				return nil, err
			}
			return f.New(cfg, p, opt)
		}
		v2, err := partitions.New(p, cfg, opt, partitions.Hooks{})
		return &secretive{V2: v2, how: how}, err
	}
}

// signaturesIn returns the ids of the divergences in the stored evidence.
func signaturesIn(t *testing.T, name string) (ids []string) {
	t.Helper()
	r, err := store.OpenReader("evidence", name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	seen := map[string]bool{}
	err = r.Spans(store.Query{}, func(s *evidence.Span) error {
		for _, d := range s.Divergences {
			if !seen[d.Signature] {
				ids = append(ids, d.Signature)
			}
			seen[d.Signature] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// noSecretsIn looks for secrets in all files of a directory but the state of V1.
func noSecretsIn(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == "state" {
				return fs.SkipDir
			}
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if found := secret.FindString(string(text)); found != "" {
			t.Errorf("%s contains %s: %s", path, found, around(string(text), found))
		}
		return nil
	})
	if err != nil || files < 3 {
		t.Errorf("%d files, %v", files, err)
	}
}

// around returns the surroundings of a part of a text.
func around(text, part string) string {
	at := strings.Index(text, part)
	return fmt.Sprintf("%q", text[max(0, at-300):min(len(text), at+100)])
}
