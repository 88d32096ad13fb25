package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// suite is a list of mutations and what has to notice them.
type suite struct {
	name string
	file string // of the list
	// pkg is built with build, which makes the runner.
	pkg   string
	build []string
	// notice runs a runner with mutation n on, 0 for none, and returns the cases
	// that notice.
	notice func(runner string, n int) ([]string, error)
	// wanted is how many cases should notice, page what stands above the table.
	wanted int
	page   page
}

// suites are all there are, in the order of the page.
var suites = []*suite{
	{
		name: "engine", file: "hack/mutate/mutations.txt", pkg: "./hack/mutate/notice", build: []string{"build"},
		notice: goldensThatNotice, wanted: 3, page: enginePage,
	},
	{
		name: "judge", file: "hack/mutate/judge.txt", pkg: "./cmd/parallax", build: []string{"test", "-c", "-vet=off"},
		notice: jobsThatNotice, wanted: 1, page: judgePage,
	},
}

// run runs a runner with a mutation on, for at most so many seconds of a CPU: some
// loops never end then. It is no time on the wall, of which a busy machine takes any
// amount. isDead says that it crashed or was ended for its time.
func run(runner string, n, seconds int, args ...string) (printed string, isDead bool, err error) {
	c := exec.Command("sh", append([]string{"-c", fmt.Sprintf(`ulimit -t %d && exec "$0" "$@"`, seconds), runner}, args...)...)
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, n))
	out, err := c.Output()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return string(out), true, nil
	}
	return string(out), false, err
}

// goldensThatNotice runs the engine's goldens. One that crashes or hangs notices.
func goldensThatNotice(runner string, n int) ([]string, error) {
	printed, isDead, err := run(runner, n, 120)
	noticed := strings.Fields(printed)
	if isDead {
		noticed = append(noticed, "crash")
	}
	return noticed, err
}

// jobsThatNotice runs the jobs of cmd/parallax (TestJudgeJobs), until three have
// noticed. The process ends where a job's goroutines are left behind, maybe after
// the job had its verdict: it is started again for the jobs after that one.
func jobsThatNotice(runner string, n int) (noticed []string, err error) {
	for next := 0; ; {
		printed, isDead, err := run(runner, n, 60, "-test.run=^TestJudgeJobs$", "-report-from="+strconv.Itoa(next),
			"-report-most="+strconv.Itoa(3-len(noticed)))
		if err != nil {
			return noticed, err
		}
		r := readReport(printed)
		noticed = append(noticed, r.noticed...)
		switch {
		case r.running != "": // it died before it had a verdict
			noticed = append(noticed, r.running+": crash")
		case isDead && r.jobs == 0:
			noticed = append(noticed, "crash")
		}
		if !isDead || len(noticed) >= 3 || r.jobs == 0 {
			return noticed, nil
		}
		next = r.last + 1
	}
}

// report is what the jobs said.
type report struct {
	jobs, last int // how many began, and which was the last
	noticed    []string
	running    string // the one that has no verdict, "" for none
}

// readReport reads the lines of TestJudgeJobs.
func readReport(printed string) (r report) {
	for line := range strings.Lines(printed) {
		words := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 4)
		if len(words) < 4 || words[0] != "judge" {
			continue
		}
		job, err := strconv.Atoi(words[1])
		if err != nil {
			continue
		}
		r.running = ""
		switch words[2] {
		case "begin":
			r.jobs, r.last, r.running = r.jobs+1, job, words[3]
		case "notice":
			r.noticed = append(r.noticed, words[3])
		}
	}
	return r
}
