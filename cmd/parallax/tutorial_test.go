package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"parallax/shadow/embedded"
)

// tutorial is the commands of docs/TUTORIAL.md with a pattern of what each has to write to
// standard output.
var tutorial = []struct{ command, want string }{
	{"parallax generate --records 100000 --brokers localhost:9092 --topic trades", ""},
	{"parallax serve --jobs . --listen 127.0.0.1:8080 &", ""},
	{"parallax stage totals", `totals  shadow  .*emits (V1|nothing now: waiting for the consumer group's assignment; .*)\n`},
	{"parallax stage totals next --wait 5m", `totals  canary:10 \(1/3\)  \d+s  emits V1, V2 10 % verified E2\nnext  canary:50, needs `},
	{"parallax generate --records 100000 --seed 2 --brokers localhost:9092 --topic trades", ""},
	{"parallax stage totals next --wait 5m", `totals  canary:50 \(2/3\)  \d+s  emits V1, V2 50 % verified E2\nnext  promoted, needs `},
	{"parallax generate --records 100000 --seed 3 --brokers localhost:9092 --topic trades", ""},
	{"parallax stage totals next --wait 5m", `totals  promoted \(3/3\)  \d+s  emits V2 verified E2\n$`},
	{"parallax stage totals --history", `time .*\n.* canary:50 +promoted +local +verdict `},
	{"parallax gate totals.yaml", `PASS  job totals\n`},
	{"parallax stage totals back --reason \"the tutorial ends\"", `totals  shadow  \d+s  emits V1\nnext  canary:10`},
}

// TestTheTutorialLeadsToPromoted runs each command of the page against a broker and a server of
// its own.
func TestTheTutorialLeadsToPromoted(t *testing.T) {
	text, err := os.ReadFile("../../docs/TUTORIAL.md")
	if err != nil {
		t.Fatal(err)
	}
	b, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop) // after the server has ended
	local := func(s string) string { return strings.ReplaceAll(s, "localhost:9092", b.Addrs()[0]) }
	var commands []string
	dir := t.TempDir()
	for _, block := range blocksOf(string(text)) {
		switch {
		case block.file != "":
			if err := os.WriteFile(filepath.Join(dir, block.file), []byte(local(block.text)), 0o600); err != nil {
				t.Fatal(err)
			}
		case block.language == "sh":
			commands = append(commands, strings.Split(strings.TrimSpace(block.text), "\n")...)
		}
	}
	t.Chdir(dir)
	server := ""
	for i, command := range commands {
		if i >= len(tutorial) || command != tutorial[i].command {
			t.Fatalf("command %d of the page is %q", i, command)
		}
		args := shellWords(local(command))[1:]
		switch {
		case args[0] == "serve":
			server = startServer(t, args[1:len(args)-1])
			continue
		case args[0] == "stage":
			args = append(args, "--server", server)
		}
		code, out, errs := parallax(t, args...)
		if code != 0 || !regexp.MustCompile("^"+tutorial[i].want).MatchString(out) {
			t.Fatalf("%s: exit %d\n%s%s", command, code, out, errs)
		}
	}
	if len(commands) != len(tutorial) {
		t.Errorf("the page has %d commands, and %d ran", len(commands), len(tutorial))
	}
}

// shellWords splits a command as a shell does; quotes hold words together.
func shellWords(command string) (list []string) {
	for _, m := range regexp.MustCompile(`"([^"]*)"|\S+`).FindAllStringSubmatch(command, -1) {
		if strings.HasPrefix(m[0], `"`) {
			list = append(list, m[1])
		} else {
			list = append(list, m[0])
		}
	}
	return list
}

// startServer runs serve on a free port until the test ends, and returns its URL.
func startServer(t *testing.T, args []string) string {
	t.Helper()
	return startListening(t, append([]string{"serve"}, args...))
}

// startListening runs a command that listens on a free port until the test ends, and returns its
// URL.
func startListening(t *testing.T, args []string) string {
	t.Helper()
	for i, a := range args {
		if a == "127.0.0.1:8080" {
			args[i] = "127.0.0.1:0"
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	errs := &lines{listening: make(chan string, 1)}
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, nil, &bytes.Buffer{}, errs) }()
	t.Cleanup(func() {
		cancel()
		if code := <-done; code != 0 || t.Failed() {
			t.Logf("%s: exit %d\n%s", args[0], code, errs)
		}
	})
	select {
	case url := <-errs.listening:
		return url
	case code := <-done:
		done <- code
		t.Fatalf("%s: exit %d\n%s", args[0], code, errs)
		return ""
	}
}

// address is where a command says that it listens.
var address = regexp.MustCompile("(?:listening|metrics) on (http://[^/\n]+)(?:/metrics)?\n")

// lines collects what a server writes, and finds where it listens.
type lines struct {
	mu        sync.Mutex
	text      bytes.Buffer
	listening chan string
	isFound   bool
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if m := address.FindStringSubmatch(l.text.String()); m != nil && !l.isFound {
		l.isFound = true
		l.listening <- m[1]
	}
	return len(p), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
