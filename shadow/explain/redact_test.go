package explain

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/redaction"
)

const accounts = `CREATE STREAM trades (acct STRING, price DECIMAL(10,2), info STRUCT<owner STRING>) WITH (kafka_topic='trades', value_format='JSON');
CREATE STREAM clean WITH (kafka_topic='clean') AS SELECT UCASE(acct) AS account, price, info FROM trades;
CREATE TABLE totals WITH (kafka_topic='totals') AS SELECT account, SUM(price) AS total, MAX(info->owner) AS who FROM clean GROUP BY account;`

// TestRedactedValuesKeepTypeAndEquality.
func TestRedactedValuesKeepTypeAndEquality(t *testing.T) {
	p, err := plan.Compile(accounts, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	columns := []string{"trades.acct", "trades.price", "trades.info"}
	of, err := redaction.New(p, columns, []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	r := redactor{of}
	value := func(text string) string {
		out := r.records(p, []row.Record{{TopicPartition: row.TopicPartition{Topic: "trades"}, Value: []byte(text)}})
		return string(out[0].Value)
	}
	one, two := value(`{"acct":"DE123","price":10.50,"info":{"owner":"Eve"},"more":1}`), value(`{"acct":"DE123","price":10.51,"info":null,"more":1}`)
	var a, b struct {
		Acct string
		More int
		Info map[string]string
	}
	if err := json.Unmarshal([]byte(one), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(two), &b); err != nil {
		t.Fatal(err)
	}
	if a.Acct != b.Acct || a.Acct == "DE123" || a.More != 1 || a.Info["owner"] == "Eve" || a.Info["owner"] == "" || b.Info != nil {
		t.Errorf("%s and %s", one, two)
	}
	if strings.Contains(one, "10.50") || strings.Contains(two, "10.51") {
		t.Errorf("%s and %s show prices", one, two)
	}
	other, err := redaction.New(p, columns, []byte("another"))
	if err != nil {
		t.Fatal(err)
	}
	if other.Replace("DE123") == r.Replace("DE123") {
		t.Error("the hash does not depend on the key")
	}
}

// TestNoRawValueLeavesAnExplanation: neither the text, nor the JSON, nor a file has one, and
// the divergence still shows.
func TestNoRawValueLeavesAnExplanation(t *testing.T) {
	s, records := faulty(t, kindOf(t, "scale"), 50)
	for i := range records {
		value := string(records[i].Value)
		records[i].Value = []byte(strings.Replace(value, `"commission":`, `"commission":7`, 1))
	}
	var err error
	if s.Redaction, err = redaction.New(s.Plan, []string{"fills.COMMISSION_PER_SHARE"}, []byte("key")); err != nil {
		t.Fatal(err)
	}
	x, err := Explain(t.Context(), s, records, Options{limits: limits{tries: 1, records: 1 << 30}})
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	if err := x.WriteText(&all); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "found")
	if err := x.WriteFolder(t.Context(), dir, s); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for i := range records {
		n, ok := parseNode(records[i].Value)
		if !ok {
			continue
		}
		for k, name := range n.names {
			if name == "commission" && n.child[k].text != "null" && strings.Contains(all.String(), `"commission":`+n.child[k].text+",") {
				t.Errorf("the commission %s is shown", n.child[k].text)
			}
		}
	}
	if !x.Shown || len(x.Rows) == 0 || !strings.Contains(all.String(), `"commission":`) {
		t.Errorf("shown %v, %d rows\n%s", x.Shown, len(x.Rows), all.String())
	}
}
