package audit_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"parallax/server/audit"
	"parallax/server/resource"
)

func open(t *testing.T, path string) *audit.Log {
	t.Helper()
	l, err := audit.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func ids(p resource.Page[resource.AuditEntry]) string {
	var list []string
	for _, e := range p.Items {
		list = append(list, e.ID)
	}
	return strings.Join(list, " ") + "|" + p.Next
}

func TestEntriesAreReadInPagesTheNewestFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "audit.jsonl")
	l := open(t, path)
	for i := range 7 {
		job := "a"
		if i%3 == 2 {
			job = "b"
		}
		if _, err := l.Append(resource.AuditEntry{Who: "ann", Job: job, What: "pause", Result: "done"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ job, after, want string }{
		{"", "", "7 6 5|5"},
		{"", "5", "4 3 2|2"},
		{"", "2", "1|"},
		{"a", "", "7 5 4|4"},
		{"b", "", "6 3|"},
		{"none", "", "|"},
	} {
		p, err := l.Read(c.job, c.after, 3)
		if err != nil || ids(p) != c.want {
			t.Errorf("of %q after %q: %s, %v, want %s", c.job, c.after, ids(p), err, c.want)
		}
	}
	for _, id := range []string{"x", "-1", "0", "+2", "02", "8", "9223372036854775808"} {
		if _, err := l.Read("", id, 3); err == nil {
			t.Errorf("%q, which is no ID, is accepted", id)
		}
	}
}

func TestTheAuditSurvivesALineThatWasCutShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	l := open(t, path)
	for range 2 {
		if _, err := l.Append(resource.AuditEntry{What: "pause"}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:len(text)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, path)
	e, err := again.Append(resource.AuditEntry{What: "resume"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := again.Read("", "", 10)
	if err != nil || len(p.Items) != 2 || p.Items[0] != e || p.Items[0].What != "resume" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestManyAtOnceHaveIDsOfTheirOwn(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "audit.jsonl"))
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := l.Append(resource.AuditEntry{What: "pause"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	p, err := l.Read("", "", 100)
	if err != nil || len(p.Items) != 50 {
		t.Fatalf("%d entries, %v", len(p.Items), err)
	}
	for i, e := range p.Items {
		if e.ID != strconv.Itoa(50-i) {
			t.Errorf("entry %d has the ID %s", i, e.ID)
		}
	}
}
