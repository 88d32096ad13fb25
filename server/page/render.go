package page

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"path"
	"strings"

	"parallax/server/access"
	"parallax/server/resource"
)

//go:embed templates
var templateFiles embed.FS

// frame is what every page has around its own view.
type frame struct {
	Title, Section, Tab, Version, Events string
	Style, Script, Icon                  string
	By                                   resource.Actor
	IsKnown, HasLogin                    bool
	CanOperate, CanDeploy                bool
	// Command is the command that the only job belongs to, "" for a job server: what the command
	// decides is not offered.
	Command string
	Job     *resource.Job
	// Said is what came of the change that led here.
	Said string
	Data any
}

// loadTemplates parses each page's template together with the frame and the parts.
func (p *Pages) loadTemplates() map[string]*template.Template {
	base := template.Must(template.New("frame").Funcs(p.functions()).ParseFS(templateFiles, "templates/frame.html", "templates/parts/*.html"))
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err) // it is embedded
	}
	list := map[string]*template.Template{}
	for _, f := range files {
		if name := f.Name(); !f.IsDir() && name != "frame.html" {
			list[strings.TrimSuffix(name, ".html")] = template.Must(template.Must(base.Clone()).ParseFS(templateFiles, path.Join("templates", name)))
		}
	}
	return list
}

// show writes a page.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, by resource.Actor, v view) {
	f := frame{
		Title: v.title, Section: v.section, Tab: v.tab, Version: p.Version, Events: p.Events,
		Style: p.address("page.css"), Script: p.address("page.js"), Icon: p.address("icon.svg"),
		By: by, IsKnown: by.Role != "", HasLogin: access.CallerOf(r.Context()).NeedsToken, CanOperate: by.Role.Includes(resource.Operate), CanDeploy: by.Role.Includes(resource.Deploy),
		Command: p.command(), Job: v.job, Said: said(r.URL.Query().Get("did"), v.job), Data: v.data,
	}
	var b bytes.Buffer
	if err := p.templates[v.template].ExecuteTemplate(&b, "frame.html", f); err != nil {
		http.Error(w, "this page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(cmp.Or(v.status, http.StatusOK))
	_, _ = b.WriteTo(w) // an error is the browser's
}

// command names the command that the only job belongs to; "" for a job server.
func (p *Pages) command() string {
	if of, ok := p.Service.(resource.Limited); ok {
		return of.BelongsTo()
	}
	return ""
}

// failure is the view of an error.
type failure struct {
	Title, Detail, Do string
	Missing           []string
	Status            int
}

func failureOf(err error) failure {
	var problem *resource.Problem
	if errors.As(err, &problem) {
		return failure{problem.Title, problem.Detail, problem.Do, problem.Missing, problem.Status}
	}
	return failure{"The server could not answer", err.Error(), "Try again; if it stays so, read the server's log.", nil, http.StatusInternalServerError}
}

// fail shows an error.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := failureOf(err)
	p.show(w, r, access.CallerOf(r.Context()).Actor, view{template: "failure", title: f.Title, data: f, status: f.Status})
}
