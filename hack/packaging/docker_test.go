package packaging

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// stages parses the Dockerfile as docker build does. What its linter warns of is an error.
func stages(t *testing.T) []instructions.Stage {
	t.Helper()
	text, err := os.ReadFile(folder + "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range parsed.Warnings {
		t.Errorf("%s (%s)", w.Short, w.URL)
	}
	warn := func(name, description, _, message string, at []parser.Range) {
		t.Errorf("line %d: %s: %s: %s", at[0].Start.Line, name, description, message)
	}
	list, _, err := instructions.Parse(parsed.AST, linter.New(&linter.Config{Warn: warn}))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTheImageIsAProgramAndAUserWithoutRights(t *testing.T) {
	list := stages(t)
	if len(list) != 2 || list[1].BaseName != "scratch" {
		t.Fatalf("%d stages; want a build, and an image from scratch", len(list))
	}
	var user, entry, command string
	copied := map[string]string{}
	for _, c := range list[1].Commands {
		switch c := c.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.EntrypointCommand:
			entry = strings.Join(c.CmdLine, " ")
			if c.PrependShell {
				t.Error("the entry point wants a shell, and the image has none")
			}
		case *instructions.CmdCommand:
			command = strings.Join(c.CmdLine, " ")
			if c.PrependShell {
				t.Error("the command wants a shell, and the image has none")
			}
		case *instructions.CopyCommand:
			if c.From != list[0].Name {
				t.Errorf("copied from %q", c.From)
			}
			copied[c.DestPath] = c.Chown
		case *instructions.RunCommand:
			t.Error("the image has no shell for RUN")
		}
	}
	if !regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`).MatchString(user) {
		t.Errorf("user %q: Kubernetes' runAsNonRoot needs numbers above 0", user)
	}
	if entry != "/parallax" {
		t.Errorf("the entry point is %q", entry)
	}
	for _, path := range []string{"/data", "/tmp", "/tokens"} {
		if copied[path] != user {
			t.Errorf("%s belongs to %q, want the user %s", path, copied[path], user)
		}
	}
	if _, ok := copied[entry]; !ok {
		t.Errorf("the entry point is not copied: %v", copied)
	}
	if !strings.HasPrefix(command, "serve --jobs ") || !strings.Contains(command, " --data /data ") {
		t.Errorf("the command is %q", command)
	}
}

// The image's program is built as that of a release.
func TestTheImageIsBuiltAsARelease(t *testing.T) {
	release, err := os.ReadFile("../release/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var build string
	for _, c := range stages(t)[0].Commands {
		if run, ok := c.(*instructions.RunCommand); ok && strings.Contains(strings.Join(run.CmdLine, " "), "go build") {
			build = strings.Join(run.CmdLine, " ")
		}
	}
	for _, flag := range []string{"-trimpath", "-buildvcs=false", "-s -w -X main.version=", "-X main.commit=", "./cmd/parallax", "CGO_ENABLED=0"} {
		if !strings.Contains(build, flag) || !strings.Contains(string(release), flag) {
			t.Errorf("%s is not in both builds: %s", flag, build)
		}
	}
	module, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	dockerfile, err := os.ReadFile(folder + "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module))[1]
	if !strings.Contains(string(dockerfile), "ARG GO_VERSION="+version+"\n") {
		t.Errorf("the Dockerfile does not build with Go %s, which go.mod names", version)
	}
}

// What the build copies is not ignored.
func TestTheBuildGetsItsFiles(t *testing.T) {
	text, err := os.ReadFile(folder + "Dockerfile.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name := strings.TrimSpace(line)
		for _, needed := range []string{"LICENSE", "NOTICE", "go.mod", "go.sum", "cmd", "config", "diff", "processors", "reports", "server", "shadow", "*", "**"} {
			if name == needed {
				t.Errorf("%s is ignored, and the build needs it", name)
			}
		}
	}
}
