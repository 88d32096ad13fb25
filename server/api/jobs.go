package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"parallax/server/resource"
)

func getJobs(r *request) (*answer, error) { return all(r.service.Jobs(r.Context())) }

func getJob(r *request) (*answer, error) { return result(r.service.Job(r.Context(), r.job)) }

// result answers what a method of the service returned.
func result[T any](body T, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return ok(body), nil
}

// putJob deploys a job file.
func putJob(r *request) (*answer, error) {
	isDryRun, err := r.isDryRun()
	if err != nil {
		return nil, err
	}
	if err := r.want("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"); err != nil {
		return nil, err
	}
	if err := checkName(r.job); err != nil {
		return nil, err
	}
	if len(r.body) == 0 {
		return nil, badRequest("no job file", "the body is empty", "send the job file as the body: curl --data-binary @job.yaml")
	}
	return result(r.service.Put(r.Context(), r.by, r.job, r.body, isDryRun))
}

// checkName returns an error if a new job cannot have a name: it is part of paths and of names
// of files.
func checkName(name string) error {
	const most = 200
	isOther := func(c rune) bool { return c == '/' || c == '\\' || !unicode.IsPrint(c) }
	if name == "" || len(name) > most || strings.HasPrefix(name, ".") || strings.ContainsFunc(name, isOther) || strings.ContainsRune(name, unicode.ReplacementChar) {
		return badRequest("invalid name", short(name)+" cannot be the name of a job", fmt.Sprintf("use at most %d printable characters, no / and \\, and no . at the front", most))
	}
	return nil
}

// do does something with a job.
func do(a resource.Action) func(*request) (*answer, error) {
	return func(r *request) (*answer, error) { return result(r.service.Do(r.Context(), r.by, r.job, a)) }
}

// rescaleRequest asks for another number of V2's partitions.
type rescaleRequest struct {
	Partitions int `json:"partitions"`
}

func postRescale(r *request) (*answer, error) {
	var wanted rescaleRequest
	if err := r.read(&wanted); err != nil {
		return nil, err
	}
	if err := checkPartitions(wanted.Partitions, strconv.Itoa(wanted.Partitions)); err != nil {
		return nil, err
	}
	return result(r.service.Rescale(r.Context(), r.by, r.job, wanted.Partitions))
}

func checkPartitions(n int, text string) error {
	if n < 1 {
		return badRequest("invalid number of partitions", "partitions: "+short(text)+" must be a number greater than 0", "ask for the number of partitions that V2 shall have")
	}
	return nil
}

// postOldRescale is the path from before there were several jobs. It is for the only job.
func postOldRescale(r *request) (*answer, error) {
	text := r.URL.Query().Get("partitions")
	n, err := strconv.Atoi(text)
	if err != nil {
		n = 0
	}
	if err := checkPartitions(n, text); err != nil {
		return nil, err
	}
	jobs, err := r.service.Jobs(r.Context())
	if err != nil {
		return nil, err
	}
	if len(jobs) != 1 {
		return nil, resource.NewProblem(http.StatusConflict, "which job?", fmt.Sprintf("the server has %d jobs", len(jobs)), "use /v1/jobs/{job}/rescale")
	}
	j, err := r.service.Rescale(r.Context(), r.by, jobs[0].Job, n)
	if err != nil {
		return nil, err
	}
	return ok(map[string]string{"processor": j.V2}), nil
}
