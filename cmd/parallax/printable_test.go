package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPrintableEscapesWhatATerminalWouldActOn(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain\ttext\nÄ 日本 🙂 e\u0301", "plain\ttext\nÄ 日本 🙂 e\u0301"},
		{"\x1b[31mred\x1b[0m", `\u001b[31mred\u001b[0m`},
		{"a\rb\x00\x07\x7f", `a\u000db\u0000\u0007\u007f`},
		{"\u0080\u009b31m\u009f\u00a0", "\\u0080\\u009b31m\\u009f\u00a0"},
		{"\u202egpj\u202c \u2066x\u2069 \u200e\u200f\u061c", `\u202egpj\u202c \u2066x\u2069 \u200e\u200f\u061c`},
		{"\x9b31m \xff \xc3(", `\x9b31m \xff \xc3(`},
		{"\ufffd", "\ufffd"},
		{"a\u2028b\u2029c", `a\u2028b\u2029c`},
		{"\u00ad\u200b\u200c\u200d\u2060\ufeff\ufff9", `\u00ad\u200b\u200c\u200d\u2060\ufeff\ufff9`},
		{"\U000e0041x", `\udb40\udc41x`},
		{"\u0600\u3000\u00a0", "\u0600\u3000\u00a0"},
	} {
		for _, size := range []int{len(c.in), 1, 2, 3} { // a character may be cut between two writes
			var out bytes.Buffer
			w := newPrintable(&out)
			for rest := []byte(c.in); len(rest) > 0; {
				part := rest[:min(size, len(rest))]
				if n, err := w.Write(part); n != len(part) || err != nil {
					t.Fatalf("Write = %d, %v", n, err)
				}
				rest = rest[len(part):]
			}
			if out.String() != c.want {
				t.Errorf("%q in writes of %d bytes: %s, want %s", c.in, size, out.String(), c.want)
			}
		}
	}
}

func TestPrintableJSONStaysEqual(t *testing.T) {
	want := "\x1b\x7f\u009b\u202e\ufffd\u2028\U000e0041x"
	var out bytes.Buffer
	if err := json.NewEncoder(newPrintable(&out)).Encode(want); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got != want {
		t.Errorf("%s: %q, %v", out.String(), got, err)
	}
	if strings.ContainsAny(out.String(), "\x7f\u009b\u202e") {
		t.Errorf("raw control characters in %q", out.String())
	}
}

// What data, file names and flags hold comes out escaped on both streams.
func TestCommandsWriteNoControlCharactersOfData(t *testing.T) {
	const hostile = "\x1b]0;owned\x07\x7f\u009b2J\u202e\xff"
	const inJSON = "\\u001b]0;owned\\u0007\x7f\u009b2J\u202e"
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one := file("one.jsonl", `{"topic":"O`+inJSON+`","key":{"K`+inJSON+`":"`+inJSON+`"},"value":{"V`+inJSON+`":"`+inJSON+`1"}}`+"\n")
	two := file("two.jsonl", `{"topic":"O`+inJSON+`","key":{"K`+inJSON+`":"`+inJSON+`"},"value":{"V`+inJSON+`":"`+inJSON+`2"}}`+"\n")
	bad := file("bad.jsonl", `{"value":"`+inJSON+`"}`+"\n"+hostile+"\n")
	input := file("in.jsonl", `{"topic":"`+inJSON+`","value":"`+inJSON+`"}`+"\n")
	job := file("job.yaml", "job: \"\\e[2J\\x7f\\x9b\"\n\"key\\e[2J\\x9b\\u202E\": 1\n")
	script := "CREATE STREAM s (v STRING) WITH (kafka_topic='s', value_format='JSON'); CREATE STREAM o AS SELECT v FROM s;"
	for _, args := range [][]string{
		{"compare", one, two},
		{"compare", one, bad},
		{"sql", script, "--input", bad},
		{"sql", script, "--input", input},
		{"sql", "SELECT " + hostile},
		{"sql", script, "--input", filepath.Join(dir, hostile)},
		{"validate", job},
		{"validate", filepath.Join(dir, hostile)},
		{"config", job},
		{hostile},
		{"compare", "--" + hostile},
		{"compare", one, two, "--level", hostile},
	} {
		var out, errs bytes.Buffer
		run(context.Background(), args, strings.NewReader(""), &out, &errs)
		if out.Len()+errs.Len() == 0 {
			t.Errorf("%q wrote nothing", args)
		}
		for stream, text := range map[string]string{"output": out.String(), "errors": errs.String()} {
			if i := strings.IndexFunc(strings.ToValidUTF8(text, "\x1b"), isControl); i >= 0 {
				t.Errorf("%.60q: standard %s has a raw control character: %q", args, stream, text)
			}
		}
	}
}
