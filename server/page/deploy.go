package page

import (
	"net/http"
	"regexp"
	"strings"

	"parallax/server/resource"
)

// deployView asks for a job file, and then to confirm what it changes.
type deployView struct {
	File  string
	Job   string
	Error *failure
	// Change is what the file would change; nil before that is known.
	Change *resource.Change
}

// jobLine is the line of a job file that names the job.
var jobLine = regexp.MustCompile(`(?m)^job:\s*["']?([A-Za-z0-9._-]+)`)

func (p *Pages) deployForm(*http.Request, resource.Actor) (view, error) {
	return p.deployPage(deployView{}, nil)
}

func (p *Pages) deploy(r *http.Request, by resource.Actor) (view, error) {
	v := deployView{File: strings.ReplaceAll(r.PostFormValue("file"), "\r\n", "\n")}
	m := jobLine.FindStringSubmatch(v.File)
	if m == nil {
		return p.deployPage(v, resource.NewProblem(http.StatusUnprocessableEntity, "The job file has no name", "It has no line such as job: orders.", "Add the line, and check again."))
	}
	v.Job = m[1]
	isConfirmed := r.PostFormValue("confirmed") == "yes"
	if isConfirmed {
		if err := need(by, resource.Deploy); err != nil {
			return view{}, err
		}
	}
	c, err := p.Service.Put(r.Context(), by, v.Job, []byte(v.File), !isConfirmed)
	if err != nil {
		return p.deployPage(v, err)
	}
	if isConfirmed && c.Change != "refused" {
		return view{redirect: address(v.Job) + "?" + query("did", "deploy")}, nil
	}
	v.Change = &c
	return p.deployPage(v, nil)
}

func (p *Pages) deployPage(v deployView, failed error) (view, error) {
	status := http.StatusOK
	if failed != nil {
		f := failureOf(failed)
		v.Error, status = &f, f.Status
	}
	return view{template: "deploy", title: "Deploy a job", section: "deploy", data: v, status: status}, nil
}
