package page

import (
	"net/http"

	"parallax/server/access"
	"parallax/server/resource"
)

// answer makes the view of a request.
type answer func(r *http.Request, by resource.Actor) (view, error)

// view is what is shown: a template with its data, or another address to go to.
type view struct {
	template, title string
	// section is the entry of the main navigation that the view belongs to, tab that of the job.
	section, tab string
	// job is the job that it is about; nil for none.
	job    *resource.Job
	data   any
	status int
	// redirect is where to go instead.
	redirect string
}

func (p *Pages) routes() {
	p.mux.HandleFunc("GET /assets/{name}", p.asset)
	p.mux.HandleFunc("GET /login", p.loginForm)
	p.mux.HandleFunc("POST /login", p.login)
	p.mux.HandleFunc("POST /logout", p.logout)
	p.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p.answer(w, r, resource.View, func(*http.Request, resource.Actor) (view, error) {
			return view{}, resource.NewProblem(http.StatusNotFound, "Page not found", "There is no page "+r.URL.Path+".", "Begin at the list of jobs.")
		})
	})
	for pattern, a := range map[string]answer{
		"GET /{$}":                        p.jobs,
		"GET /audit":                      p.audit,
		"GET /jobs/{job}":                 p.overview,
		"GET /jobs/{job}/differences":     p.differences,
		"GET /jobs/{job}/differences/{s}": p.signature,
		"GET /jobs/{job}/key":             p.key,
		"GET /jobs/{job}/explain/{id}":    p.explanation,
		"GET /jobs/{job}/columns":         p.columns,
		"GET /jobs/{job}/rules":           p.rules,
		"GET /jobs/{job}/reports":         p.reports,
		"GET /jobs/{job}/audit":           p.audit,
		"GET /jobs/{job}/config":          p.config,
	} {
		p.handle(pattern, resource.View, a)
	}
	for pattern, a := range map[string]answer{
		"POST /jobs/{job}/explain":     p.explain,
		"GET /jobs/{job}/stage":        p.stageForm,
		"POST /jobs/{job}/stage":       p.setStage,
		"GET /jobs/{job}/do/{action}":  p.actionForm,
		"POST /jobs/{job}/do/{action}": p.act,
	} {
		p.handle(pattern, resource.Operate, a)
	}
	for pattern, a := range map[string]answer{
		"GET /jobs/{job}/rules/new":               p.ruleForm,
		"POST /jobs/{job}/rules/new":              p.proposeRule,
		"GET /jobs/{job}/differences/{s}/accept":  p.acceptForm,
		"POST /jobs/{job}/differences/{s}/accept": p.accept,
		"GET /deploy":                             p.deployForm,
		"POST /deploy":                            p.deploy,
	} {
		p.handle(pattern, resource.Operate, a)
	}
	p.mux.HandleFunc("GET /jobs/{job}/reports/{id}/{format}", p.report)
}

func (p *Pages) handle(pattern string, role resource.Role, a answer) {
	p.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { p.answer(w, r, role, a) })
}

// mostForm is the largest form, in bytes: a job file and what is around it.
const mostForm = 2 << 20

// answer shows what a makes of a request, if its user has the role.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request, role resource.Role, a answer) {
	by, ok := p.caller(w, r)
	if !ok {
		return
	}
	if err := need(by, role); err != nil {
		p.fail(w, r, err)
		return
	}
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, mostForm)
		if err := r.ParseForm(); err != nil {
			p.fail(w, r, resource.NewProblem(http.StatusBadRequest, "The form cannot be read", err.Error(), "Send it again; a job file has at most 1 MiB."))
			return
		}
	}
	v, err := a(r, by)
	switch {
	case err != nil:
		p.fail(w, r, err)
	case v.redirect != "":
		http.Redirect(w, r, v.redirect, http.StatusSeeOther)
	default:
		p.show(w, r, by, v)
	}
}

// caller returns who sends a request. ok is false if that is not known; then it has been answered.
func (p *Pages) caller(w http.ResponseWriter, r *http.Request) (by resource.Actor, ok bool) {
	c := access.CallerOf(r.Context())
	switch {
	case c.IsKnown:
		return c.Actor, true
	case c.NeedsToken:
		p.redirectToLogin(w, r)
	default:
		p.fail(w, r, resource.NewProblem(http.StatusForbidden, "Not allowed", "The server has no tokens: only programs on its machine may use it.", "Open the page there, or start the server with --tokens."))
	}
	return by, false
}

// need returns an error for an actor without a role.
func need(by resource.Actor, role resource.Role) error {
	if by.Role.Includes(role) {
		return nil
	}
	return resource.NewProblem(http.StatusForbidden, "Not allowed", "This needs the role "+string(role)+"; you have "+string(by.Role)+".", "Ask for a token with that role.")
}
