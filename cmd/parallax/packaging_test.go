package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const packagingFolder = "../../packaging/"

func packaged(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(packagingFolder + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The command lines in the Dockerfile, the units, the manifests, the compose file and the page about installing are ones
// that the program has.
func TestThePackagedCommandLinesAreRight(t *testing.T) {
	lines := map[string][]string{}
	for from, list := range map[string][][]string{
		"Dockerfile": dockerCommands(t), "systemd": unitCommands(t), "kubernetes": manifestCommands(t), "compose": composeCommands(t),
		"docs/INSTALL.md": pageCommands(t),
	} {
		if len(list) == 0 {
			t.Errorf("%s has no command line", from)
		}
		for _, args := range list {
			lines[from+": parallax "+strings.Join(args, " ")] = args
		}
	}
	if len(lines) < 10 {
		t.Errorf("only %d command lines: %v", len(lines), lines)
	}
	for line, args := range lines {
		errs := &strings.Builder{}
		if command, done, code := newEnv(t.Context(), strings.NewReader(""), io.Discard, errs).parse(args); command == nil || done || code != 0 {
			t.Errorf("%s: %s", line, errs)
		}
	}
	if _, done, code := newEnv(t.Context(), strings.NewReader(""), io.Discard, io.Discard).parse([]string{"serve", "--folder", "x"}); !done || code == 0 {
		t.Error("a flag that the program does not have is not noticed")
	}
}

func dockerCommands(t *testing.T) [][]string {
	var args []string
	m := regexp.MustCompile(`(?m)^CMD (\[.*\])$`).FindStringSubmatch(packaged(t, "Dockerfile"))
	if m == nil {
		t.Fatal("the Dockerfile has no CMD")
	}
	if err := json.Unmarshal([]byte(m[1]), &args); err != nil {
		t.Fatal(err)
	}
	return [][]string{args}
}

func unitCommands(t *testing.T) (list [][]string) {
	for _, name := range []string{"parallax.service", "parallax-job@.service"} {
		m := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/parallax (.*)$`).FindStringSubmatch(packaged(t, "systemd/"+name))
		if m == nil {
			t.Fatalf("%s does not start the program", name)
		}
		list = append(list, strings.Fields(strings.ReplaceAll(m[1], "%i", "trades")))
	}
	return list
}

func manifestCommands(t *testing.T) (list [][]string) {
	d := yaml.NewDecoder(strings.NewReader(packaged(t, "kubernetes/parallax.yaml")))
	for {
		var object struct {
			Spec struct {
				Template struct {
					Spec struct{ Containers []struct{ Args []string } }
				}
			}
		}
		if err := d.Decode(&object); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		for _, c := range object.Spec.Template.Spec.Containers {
			list = append(list, c.Args)
		}
	}
}

func composeCommands(t *testing.T) (list [][]string) {
	var file struct {
		Services map[string]struct {
			Image   string
			Command []string
		}
	}
	if err := yaml.Unmarshal([]byte(packaged(t, "compose/compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	for name, s := range file.Services {
		if s.Image == "parallax" && name != "token" { // its command is for `docker compose run`
			list = append(list, s.Command)
		}
	}
	return list
}

var (
	programLine = regexp.MustCompile(`^(?:docker run .* )?parallax ((?:run|serve|token|version|validate)(?: .*)?)$`)
	composeLine = regexp.MustCompile("docker compose run --rm (token new [^>`]*)")
)

// pageCommands are the lines of docs/INSTALL.md that run the program, also in a container.
func pageCommands(t *testing.T) (list [][]string) {
	page, err := os.ReadFile("../../docs/INSTALL.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocksOf(string(page)) {
		if b.language != "sh" {
			continue
		}
		for line := range strings.Lines(b.text) {
			line, _, _ = strings.Cut(line, " #")
			line, _, _ = strings.Cut(line, " >")
			if m := programLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
				list = append(list, strings.Fields(m[1]))
			}
		}
	}
	for _, m := range composeLine.FindAllStringSubmatch(string(page), -1) {
		args, _, _ := strings.Cut(m[1], "#")
		list = append(list, strings.Fields(args))
	}
	return list
}

// The job files that are packaged are valid, and keep their state on the volume.
func TestThePackagedJobFilesAreValid(t *testing.T) {
	jobs, err := filepath.Glob(packagingFolder + "compose/jobs/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var configMap struct{ Data map[string]string }
	if err := yaml.Unmarshal([]byte(packaged(t, "kubernetes/jobs.yaml")), &configMap); err != nil {
		t.Fatal(err)
	}
	for name, text := range configMap.Data {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, path)
	}
	if len(jobs) < 2 {
		t.Fatalf("job files: %v", jobs)
	}
	for _, path := range jobs {
		out, errs := &strings.Builder{}, &strings.Builder{}
		if code := run(t.Context(), []string{"validate", path}, strings.NewReader(""), out, errs); code != 0 {
			t.Errorf("%s: %s", path, errs)
		}
		out.Reset()
		if code := run(t.Context(), []string{"config", path}, strings.NewReader(""), out, errs); code != 0 {
			t.Errorf("%s: %s", path, errs)
		}
		for _, setting := range []string{"state.dir", "evidence.dir"} {
			isOnVolume := func(line string) bool {
				fields := strings.Fields(line)
				return len(fields) > 1 && fields[0] == setting && strings.HasPrefix(fields[1], "/data/")
			}
			if !slices.ContainsFunc(strings.Split(out.String(), "\n"), isOnVolume) {
				t.Errorf("%s: %s is not on the volume /data", path, setting)
			}
		}
	}
}
