package page

import (
	"io"
	"mime"
	"net/http"

	"parallax/reports/look"
	"parallax/server/resource"
)

// reportsView is a job's stored reports and verdicts.
type reportsView struct {
	Job     resource.Job
	Reports []reportRow
	History []resource.HistoryEntry
}

type reportRow struct {
	resource.Report
	Links []link
}

type link struct{ Name, Address string }

func (p *Pages) reports(r *http.Request, _ resource.Actor) (view, error) {
	j, err := p.Service.Job(r.Context(), r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	v := reportsView{Job: j}
	list, err := p.Service.Reports(r.Context(), j.Job)
	if err != nil {
		return view{}, err
	}
	if v.History, err = p.Service.History(r.Context(), j.Job); err != nil {
		return view{}, err
	}
	for _, one := range list {
		row := reportRow{Report: one}
		for _, f := range one.Formats {
			row.Links = append(row.Links, link{f, address(j.Job, "reports", one.ID, f)})
		}
		v.Reports = append(v.Reports, row)
	}
	return view{template: "reports", title: "Reports of " + look.Name(j.Job), section: "jobs", tab: "reports", job: &j, data: v}, nil
}

// kinds are the media types of a report's formats.
var kinds = map[string]string{"html": "text/html", "md": "text/markdown", "json": "application/json", "text": "text/plain", "junit": "application/xml"}

// report sends a stored report. An HTML report has its style inside, and runs nothing.
func (p *Pages) report(w http.ResponseWriter, r *http.Request) {
	if _, ok := p.caller(w, r); !ok {
		return
	}
	job, id, format := r.PathValue("job"), r.PathValue("id"), r.PathValue("format")
	kind, ok := kinds[format]
	if !ok {
		p.fail(w, r, resource.NewProblem(http.StatusNotFound, "Report not found", "There is no format "+format+".", "Choose one in the list of reports."))
		return
	}
	text, err := p.Service.Report(r.Context(), job, id, format)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	defer func() { _ = text.Close() }() // it was only read
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'")
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	if format != "html" {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": job + "-" + id + "." + format}))
	}
	_, _ = io.Copy(w, text) // an error is the browser's
}

// auditView is who changed what.
type auditView struct {
	Job     *resource.Job
	Entries []resource.AuditEntry
	Next    string
}

// mostEntries is how many entries of the audit a page shows.
const mostEntries = 50

func (p *Pages) audit(r *http.Request, _ resource.Actor) (view, error) {
	v := view{template: "audit", title: "Audit", section: "audit"}
	name, path := r.PathValue("job"), "/audit"
	var data auditView
	if name != "" {
		j, err := p.Service.Job(r.Context(), name)
		if err != nil {
			return view{}, err
		}
		v.job, data.Job, v.section, v.tab, v.title, path = &j, &j, "jobs", "audit", "Audit of "+look.Name(name), address(name, "audit")
	}
	list, err := p.Service.Audit(r.Context(), name, r.URL.Query().Get("after"), mostEntries)
	if err != nil {
		return view{}, err
	}
	data.Entries = list.Items
	if list.Next != "" {
		data.Next = path + "?" + query("after", list.Next)
	}
	v.data = data
	return v, nil
}

// configView is a job's configuration in force.
type configView struct {
	Job    resource.Job
	Groups []configGroup
}

// configGroup are the values of a section of the job file.
type configGroup struct {
	Name   string
	Values []resource.ConfigValue
}

func (p *Pages) config(r *http.Request, _ resource.Actor) (view, error) {
	j, err := p.Service.Job(r.Context(), r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	list, err := p.Service.Config(r.Context(), j.Job)
	if err != nil {
		return view{}, err
	}
	return view{template: "config", title: "Configuration of " + look.Name(j.Job), section: "jobs", tab: "config", job: &j, data: configView{j, groupsOf(list)}}, nil
}
