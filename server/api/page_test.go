package api

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"parallax/server/resource"
)

var update = flag.Bool("update", false, "write what the commands of docs/API.md answer into it")

// The examples of docs/API.md are commands, each with all that it answers. They run one after the
// other against a server.
func TestTheExamplesOfThePageRun(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("curl is not installed: the examples of docs/API.md are not run")
	}
	s := startServer(t, true)
	const file = "../../docs/API.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	commands, isExample := 0, false
	for line := range strings.Lines(string(text)) {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			isExample = line == "```console\n"
		case isExample && !isCommand:
			continue // an answer from before
		}
		page.WriteString(line)
		if isExample && isCommand {
			commands++
			page.WriteString(s.shell(t, command))
		}
	}
	switch {
	case *update:
		if err := os.WriteFile(file, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	case page.String() != string(text) || commands < 5:
		t.Errorf("the commands answer otherwise; run: go test ./server/api -run ExamplesOfThePage -update\n%s", page.String())
	}
}

// shell runs a command with the server's address and a token. The token is not the same each time,
// and is not in an answer.
func (s *server) shell(t *testing.T, command string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "sh", "-c", command)
	token := s.tokens[resource.Deploy]
	c.Env = append(os.Environ(), "URL="+s.URL(), "TOKEN="+token)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		t.Errorf("%s: %v\n%s", command, err, &out)
	}
	if strings.Contains(out.String(), token) {
		t.Errorf("%s: the answer has the token", command)
	}
	if strings.Contains(out.String(), s.Addr().String()) {
		t.Errorf("%s: the answer has the address, which is another one each time", command)
	}
	return out.String()
}
